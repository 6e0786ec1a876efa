// Parses the Mermaid diagrams that come as a JSON list of texts on standard input, and tells of each whether it is one:
// a list of the kinds, or of what is wrong.
import { readFileSync } from "node:fs";
import DOMPurify from "dompurify";
import mermaid from "mermaid";

// Labels are cleaned for a page while they are parsed, and there is none here.
DOMPurify.addHook = () => {};
DOMPurify.sanitize = (text) => text;

const results = [];
for (const diagram of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    results.push({ kind: (await mermaid.parse(diagram)).diagramType });
  } catch (error) {
    results.push({ error: error.message });
  }
}
console.log(JSON.stringify(results));
