/** The page starts here. */

import "./app.css";

import { render } from "preact";

import { App } from "./app";
import { begin } from "./start";
import { applyLook } from "./look";

applyLook();
const place = document.getElementById("page");
if (place) {
  place.replaceChildren();
  place.className = "";
  render(<App />, place);
}
begin();
