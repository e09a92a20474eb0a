// Validates AsyncAPI documents with the official parser, without a network.
// In: a JSON object of documents by name, on stdin. Out: a JSON object of diagnostics by name, on stdout; empty lists mean valid.
import { Parser } from "@asyncapi/parser";

let text = "";
for await (const chunk of process.stdin) text += chunk;

const found = {};
for (const [name, document] of Object.entries(JSON.parse(text))) {
  const { document: parsed, diagnostics } = await new Parser().parse(document);
  // Severity 0 is an error and 1 a warning; 2 and 3 are hints on style, such as a newer version of the specification.
  found[name] = diagnostics
    .filter((each) => each.severity <= 1)
    .map((each) => ({ severity: each.severity, code: each.code, message: each.message, path: each.path.join("/") }));
  if (!parsed && found[name].length === 0) found[name].push({ severity: 0, code: "unparsed", message: "no document came out", path: "" });
}
process.stdout.write(JSON.stringify(found));
