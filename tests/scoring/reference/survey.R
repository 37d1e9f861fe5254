# Reference figures from R's `survey` package for the estimator without a variance prior.
#
#   Rscript survey.R      writes samples.csv and estimates.csv beside this file
#
# Households differ between estates; one estate is fully answered (n = N), and one has
# no answer at all: it is no stratum, and its households are not among those weighted.
# The strata are cells: an estate, or estates that are folded into a group, whose
# households and answers are simply added up. Nothing is rounded.
suppressMessages(library(survey))

set.seed(20260101)
draw <- function(case, estate, households, count, mean, spread, cell = estate) {
  y <- pmin(100, pmax(0, round(rnorm(count, mean, spread), 4)))
  data.frame(case = rep(case, count), estate = rep(estate, count), cell = rep(cell, count),
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
  draw("tiny", "E3", 4, 4, 60, 20),
  # Two shown estates and two groups, in order of turnout; the second takes in a rest.
  draw("groups", "E1", 310, 25, 66, 18), draw("groups", "E2", 150, 40, 58, 20),
  draw("groups", "E3", 400, 6, 71, 12, "group 1"), draw("groups", "E4", 250, 5, 49, 20, "group 1"),
  draw("groups", "E5", 60, 7, 80, 9, "group 2"), draw("groups", "E6", 40, 9, 35, 16, "group 2"),
  draw("groups", "E7", 12, 4, 52, 22, "group 2"),
  # One estate of nine takes in the shown one next in n.
  draw("taken", "E1", 90, 9, 60, 20, "group 1"), draw("taken", "E2", 300, 12, 72, 14, "group 1"),
  draw("taken", "E3", 500, 30, 64, 17)
)

estimate <- function(rows) {
  rows$p <- rows$y / 100
  estates <- unique(rows[c("estate", "cell", "households")])
  sums <- tapply(estates$households, estates$cell, sum)
  rows$households <- as.numeric(sums[rows$cell])
  rows$stratum <- rows$cell
  rows$weight <- rows$households / ave(rows$y, rows$cell, FUN = length)
  one <- length(unique(rows$cell)) == 1
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
samples <- rbind(samples, data.frame(case = "middling", estate = "E5", cell = "",
                                     households = 77, y = NA))
samples$y <- ifelse(is.na(samples$y), "", format(samples$y, nsmall = 4, trim = TRUE))
write.csv(samples, "samples.csv", row.names = FALSE, quote = FALSE)
write.csv(written, "estimates.csv", row.names = FALSE, quote = FALSE)
