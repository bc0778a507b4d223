// Shows one flow chart at a time. Without scripts, and on paper, all of them show.
(function () {
  var picker = document.querySelector(".picker");
  var charts = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  var buttons = Array.prototype.slice.call(picker.querySelectorAll("button"));
  if (!charts.length) return;
  var chosen = { route: charts[0].dataset.route, what: charts[0].dataset.what };
  function show() {
    charts.forEach(function (chart) {
      var on = chart.dataset.route === chosen.route && chart.dataset.what === chosen.what;
      chart.classList.toggle("away", !on);
    });
    buttons.forEach(function (button) {
      var key = button.dataset.route ? "route" : "what";
      button.setAttribute("aria-pressed", String(button.dataset[key] === chosen[key]));
    });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      var key = button.dataset.route ? "route" : "what";
      chosen[key] = button.dataset[key];
      show();
    });
  });
  picker.hidden = false;
  show();
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  });
})();
