# Reference figures from R's `survey` package for the estimator without a variance prior.
#
#   Rscript survey.R      writes samples.csv and estimates.csv beside this file
#
# Households differ between estates; one estate is fully answered (n = N), and one has
# no answer at all: it is no stratum, and its households are not among those weighted.
suppressMessages(library(survey))

set.seed(20260101)
draw <- function(case, estate, households, count, mean, spread) {
  y <- pmin(100, pmax(0, round(rnorm(count, mean, spread), 4)))
  data.frame(case = rep(case, count), estate = rep(estate, count),
             households = rep(households, count), y = y)
}

samples <- rbind(
  draw("middling", "E1", 410, 38, 62, 18), draw("middling", "E2", 95, 12, 48, 25),
  draw("middling", "E3", 33, 33, 71, 12), draw("middling", "E4", 1200, 61, 66, 20),
  draw("high", "E1", 220, 15, 93, 6), draw("high", "E2", 64, 40, 96, 5),
  draw("high", "E3", 12, 12, 88, 9), draw("high", "E4", 800, 30, 91, 8),
  draw("low", "E1", 150, 14, 22, 15), draw("low", "E2", 51, 2, 35, 10),
  draw("low", "E3", 20, 20, 12, 8),
  draw("single", "E1", 700, 45, 80, 15),
  draw("tiny", "E1", 9, 2, 55, 20), draw("tiny", "E2", 5, 3, 40, 20),
  draw("tiny", "E3", 4, 4, 60, 20)
)

estimate <- function(rows) {
  rows$p <- rows$y / 100
  rows$stratum <- rows$estate
  rows$weight <- rows$households / ave(rows$y, rows$estate, FUN = length)
  one <- length(unique(rows$estate)) == 1
  design <- if (one) {
    svydesign(ids = ~1, weights = ~weight, fpc = ~households, data = rows)
  } else {
    svydesign(ids = ~1, strata = ~stratum, weights = ~weight, fpc = ~households,
              data = rows)
  }
  mean <- svymean(~y, design)
  df <- degf(design)
  linear <- confint(mean, level = 0.95, df = df)
  logit <- confint(svyciprop(~I(y / 100), design, method = "logit", level = 0.95,
                             df = df))
  data.frame(case = rows$case[1], mean = coef(mean)[[1]], se = SE(mean)[[1]], df = df,
             linear_lower = linear[1], linear_upper = linear[2],
             logit_lower = 100 * logit[1], logit_upper = 100 * logit[2])
}

estimates <- do.call(rbind, lapply(split(samples, samples$case), estimate))
written <- estimates
for (column in setdiff(names(written), c("case", "df"))) {
  written[[column]] <- format(written[[column]], digits = 15, trim = TRUE)
}
# An estate that nobody rated: the product must leave it out as R's strata do.
samples <- rbind(samples, data.frame(case = "middling", estate = "E5",
                                     households = 77, y = NA))
samples$y <- ifelse(is.na(samples$y), "", format(samples$y, nsmall = 4, trim = TRUE))
write.csv(samples, "samples.csv", row.names = FALSE, quote = FALSE)
write.csv(written, "estimates.csv", row.names = FALSE, quote = FALSE)
