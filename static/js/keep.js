/* Keeps a half-filled form on the phone until its receipt shows, and sends it again where no answer came back.
   ECMAScript 5, for old web views. Each household's lies under a 32-bit hash of its form's token; its code is never kept. */
(function () {
  "use strict";
  var START = "rating:", DAY = 86400000, MINUTE = 60000, PATIENCE = 20000, SOON = 5000;
  var store = openStore();
  var form = document.getElementById("rating"), sent = document.querySelector("[data-sent]");

  function openStore() {
    try {
      localStorage.setItem(START, "");
      localStorage.removeItem(START);
      return localStorage;
    } catch (refused) {
      return null;
    }
  }

  function place(token) { // FNV-1a
    var hash = 2166136261, i;
    for (i = 0; i < token.length; i += 1) {
      hash ^= token.charCodeAt(i);
      hash += (hash << 1) + (hash << 4) + (hash << 7) + (hash << 8) + (hash << 24);
    }
    return START + (hash >>> 0).toString(16);
  }

  function look(key) {
    try {
      var kept = JSON.parse(store.getItem(key)), age = new Date().getTime() - kept.since;
      return age >= 0 && age < DAY ? kept : null;
    } catch (unreadable) {
      return null;
    }
  }

  function dropOld() {
    var i, key;
    for (i = store.length - 1; i >= 0; i -= 1) {
      key = store.key(i);
      if (key.indexOf(START) === 0 && !look(key)) { store.removeItem(key); }
    }
  }

  function keepAndSend() {
    var token = form.elements.csrf_token.value, key = place(token), kept = store && look(key), sending = false;
    var again = null, pause = SOON; // the next try by itself, once somebody has tapped
    var button = form.querySelector("button"), words = button.textContent;

    function say(id, name) {
      var place = document.getElementById(id);
      place.textContent = name && form.getAttribute("data-" + name);
      return place;
    }

    function fields(each) {
      [].forEach.call(form.elements, function (field) {
        if (field.type === "radio" || field.type === "textarea") { each(field, field.type === "radio"); }
      });
    }

    function answers() {
      var found = {};
      fields(function (field, mark) {
        if (!mark || field.checked) { found[field.name] = field.value; }
      });
      return found;
    }

    function fill(found) {
      fields(function (field, mark) {
        if (mark) {
          field.checked = found[field.name] === field.value;
        } else {
          field.value = found[field.name] || "";
        }
      });
    }

    function keep() {
      kept = { since: kept ? kept.since : new Date().getTime(), answers: answers() };
      try { store.setItem(key, JSON.stringify(kept)); } catch (full) { say("kept", ""); }
    }

    function restore() {
      var clear = document.createElement("button");
      fill(kept.answers);
      if (document.querySelector(".error-summary")) { return; }
      clear.type = "button";
      clear.className = "clear";
      clear.textContent = form.getAttribute("data-clear");
      clear.onclick = function () {
        kept = null;
        store.removeItem(key);
        fill({});
        say("kept", "keeps");
      };
      say("kept", "restored").appendChild(clear);
    }

    function isComplete() {
      var found = answers(), open = form.elements.code;
      fields(function (field) { open = open || !(field.name in found); });
      return !open;
    }

    function show(isSending, message) {
      sending = isSending;
      button.textContent = sending ? form.getAttribute("data-sending") : words;
      button.setAttribute("aria-disabled", sending);
      say("told", message);
    }

    function ready() { show(false, ""); }

    function lose() { // and try again by itself: not all phones at the same moment, and ever more seldom
      show(false, "lost");
      again = setTimeout(retry, pause * (0.5 + Math.random()));
      pause = Math.min(2 * pause, MINUTE);
    }

    function waitNoMore() {
      if (again === null) { return; }
      clearTimeout(again);
      again = null;
      say("told", "");
    }

    function retry() {
      if (again === null) { return; }
      waitNoMore();
      show(true, "again");
      send();
    }

    function goByItself() { setTimeout(ready, PATIENCE); } // in case the browser gives up on the way

    function body() {
      var found = answers();
      found.csrf_token = token;
      return Object.keys(found).map(function (name) {
        return encodeURIComponent(name) + "=" + encodeURIComponent(found[name]);
      }).join("&");
    }

    function send() {
      var request = new XMLHttpRequest(), patience = setTimeout(function () { request.abort(); }, PATIENCE);
      request.onreadystatechange = function () {
        if (request.readyState !== 4) { return; }
        clearTimeout(patience);
        if (request.status === 200 && request.responseText.indexOf('data-sent="' + token) >= 0) {
          location.replace(form.action + "/receipt");
        } else if (request.status > 0 && request.status < 500) {
          goByItself(); // the server has something to say: its page is for the browser to show
          form.submit();
        } else {
          lose();
        }
      };
      request.open("POST", form.action);
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
      request.send(body());
    }

    function forgetOld() { // a page may stay open for days
      if (!kept || look(key)) { return; }
      kept = null;
      store.removeItem(key);
      fill({});
      say("kept", "keeps");
    }

    if (store) {
      say("kept", "keeps");
      if (kept) { restore(); }
      setInterval(forgetOld, MINUTE);
      document.addEventListener("visibilitychange", forgetOld);
      form.addEventListener("change", keep);
      form.addEventListener("input", keep);
      form.autocomplete = "off"; // a browser would put it back for whichever household comes next
    }
    form.addEventListener("change", waitNoMore); // what was changed since is another tap's to send
    form.addEventListener("input", waitNoMore);
    window.addEventListener("online", retry);
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) { location.reload(); } // the browser's own copy: it may have been sent since
      ready();
    });
    form.addEventListener("submit", function (event) {
      if (sending || isComplete()) { event.preventDefault(); }
      if (sending) { return; }
      waitNoMore();
      show(true, "");
      if (isComplete()) { send(); } else { goByItself(); }
    });
  }

  if (store) {
    if (sent) { store.removeItem(place(sent.getAttribute("data-sent"))); }
    dropOld();
  }
  if (form) { keepAndSend(); }
}());
