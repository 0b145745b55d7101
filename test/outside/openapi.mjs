// Judges the OpenAPI documents that it is asked about, as JSON on standard input, with APIDevTools' parser and writes what is
// wrong with each.
import { readFileSync } from "node:fs";
import SwaggerParser from "@apidevtools/swagger-parser";

const asked = JSON.parse(readFileSync(0, "utf8"));
const found = {};
for (const [name, document] of Object.entries(asked)) {
  try {
    await SwaggerParser.validate(document);
    found[name] = "";
  } catch (why) {
    found[name] = String(why);
  }
}
console.log(JSON.stringify(found));
