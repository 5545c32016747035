// Verifies ML-DSA signatures of X.509, CRL, OCSP, timestamps and PDFs without a line of ours in
// Python: its own DER reader, and @noble/post-quantum. Usage: node verify.mjs KIND FILE [ISSUER]
//   signed FILE ISSUER   a certificate or CRL (DER), by the key of the certificate ISSUER
//   ocsp FILE            an OCSPResponse, by the responder's certificate in it
//   token FILE           a timestamp token (ContentInfo), by its first matching certificate
//   pdf FILE             the first signature of a PDF, over its /ByteRange
// Prints {"algorithm", "valid"} and exits 0 only if the signature is valid.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";

const ALGORITHMS = {
  "608648016503040311": ["ML-DSA-44", ml_dsa44],
  "608648016503040312": ["ML-DSA-65", ml_dsa65],
  "608648016503040313": ["ML-DSA-87", ml_dsa87],
};
const SHA512 = "608648016503040203";
const MESSAGE_DIGEST = "2a864886f70d010904";
const [SEQUENCE, SET, BITS, OCTETS, OID] = [0x30, 0x31, 0x03, 0x04, 0x06];

// One TLV at `at`; `raw` is all of it, `body` its content.
function read(der, at = 0) {
  let length = der[at + 1];
  let head = 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets < 1 || octets > 4) throw new Error("length");
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + der[at + 2 + i];
    head += octets;
  }
  const end = at + head + length;
  if (end > der.length) throw new Error("truncated");
  return { tag: der[at], raw: der.subarray(at, end), body: der.subarray(at + head, end), end };
}

function children(node, tag = SEQUENCE) {
  if (node.tag !== tag) throw new Error(`tag ${node.tag}, not ${tag}`);
  const found = [];
  for (let at = 0; at < node.body.length; ) {
    const child = read(node.body, at);
    found.push(child);
    at = child.end;
  }
  return found;
}

const hex = (octets) => Buffer.from(octets).toString("hex");

// AlgorithmIdentifier: an OID alone, without parameters (RFC 9881 2).
function algorithm(node) {
  const parts = children(node);
  const known = ALGORITHMS[hex(parts[0].body)];
  if (parts.length !== 1 || parts[0].tag !== OID || !known) throw new Error("not plain ML-DSA");
  return known;
}

function bits(node) {
  if (node.tag !== BITS || node.body[0] !== 0) throw new Error("bit string");
  return node.body.subarray(1);
}

// Algorithm and key of a certificate's SubjectPublicKeyInfo.
function publicKey(certificate) {
  const fields = children(children(certificate)[0]);
  const [id, key] = children(fields[6]); // version [0], serial, algorithm, issuer, dates, subject
  return { scheme: algorithm(id), key: bits(key), serial: hex(fields[1].raw) };
}

function check(id, signature, message, certificate) {
  const { scheme, key } = publicKey(certificate);
  const [name, implementation] = algorithm(id);
  if (scheme[0] !== name) throw new Error("key and signature differ in algorithm");
  return { algorithm: name, valid: implementation.verify(signature, message, key) };
}

function signed(node, issuer) {
  const [tbs, id, signature] = children(node);
  return check(id, bits(signature), tbs.raw, issuer);
}

function ocsp(node) {
  const bytes = children(children(children(node)[1], 0xa0)[0])[1];
  const [tbs, id, signature, certificates] = children(read(bytes.body));
  const responder = children(children(certificates, 0xa0)[0])[0];
  return check(id, bits(signature), tbs.raw, responder);
}

// SignedData with signed attributes (RFC 5652 5.4) over `content`, or over what it encloses.
function cms(node, content) {
  const data = children(children(children(node)[1], 0xa0)[0]);
  const enclosed = children(data[2])[1];
  const over = content ?? read(children(enclosed, 0xa0)[0].raw).body;
  const certificates = children(data.find((one) => one.tag === 0xa0), 0xa0);
  const info = children(children(data.at(-1), SET)[0]);
  const serial = hex(children(info[1])[1].raw);
  const [, , digestId, attributes, id, signature] = info;
  if (hex(children(digestId)[0].body) !== SHA512) throw new Error("digest is not SHA-512");
  const stated = children(attributes, 0xa0)
    .map((one) => children(one))
    .find(([type]) => hex(type.body) === MESSAGE_DIGEST);
  const digest = children(stated[1], SET)[0].body;
  if (hex(digest) !== createHash("sha512").update(over).digest("hex")) {
    return { algorithm: algorithm(id)[0], valid: false };
  }
  const asSet = Buffer.concat([Buffer.from([SET]), attributes.raw.subarray(1)]);
  const signer = certificates.find((one) => publicKey(one).serial === serial);
  if (signature.tag !== OCTETS) throw new Error("octet string");
  return check(id, signature.body, asSet, signer);
}

function pdf(file) {
  const text = file.toString("latin1");
  const range = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/.exec(text);
  const [a, b, c, d] = range.slice(1).map(Number);
  const contents = Buffer.from(text.slice(a + b + 1, c - 1), "hex");
  const covered = Buffer.concat([file.subarray(a, a + b), file.subarray(c, c + d)]);
  return cms(read(contents), covered);
}

const [kind, path, issuer] = process.argv.slice(2);
const file = readFileSync(path);
const result = {
  signed: () => signed(read(file), read(readFileSync(issuer))),
  ocsp: () => ocsp(read(file)),
  token: () => cms(read(file)),
  pdf: () => pdf(file),
}[kind]();
console.log(JSON.stringify(result));
process.exit(result.valid ? 0 : 1);
