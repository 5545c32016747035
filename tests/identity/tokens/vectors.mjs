// Makes vectors.json: tokens that hold and tokens that do not, by node's own crypto, so that no
// part of ours or of python-jose has a hand in them. Keys are thrown away.
//   node tests/identity/tokens/vectors.mjs > tests/identity/tokens/vectors.json
import crypto from "node:crypto";

const CLAIMS = { iss: "https://id.example", sub: "u-17", n: 0 };
const ORDERS = {
  "P-256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  "P-384": 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  "P-521": 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};
const DIGEST_INFO = {
  sha1: "3021300906052b0e03021a05000414",
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

const b64 = (data) => Buffer.from(data).toString("base64url");
const digest = (name, data) => crypto.createHash(name).update(data).digest();
const toInt = (octets) => BigInt("0x" + (octets.toString("hex") || "0"));
const toOctets = (value, width) => Buffer.from(value.toString(16).padStart(2 * width, "0"), "hex");

function signedPart(algorithm, n = 0) {
  const header = { alg: algorithm, kid: "k1" };
  return `${b64(JSON.stringify(header))}.${b64(JSON.stringify({ ...CLAIMS, n }))}`;
}

function group(algorithm, publicKey, rows) {
  const tests = rows.map(([comment, valid, signed, signature]) => ({
    comment, valid, token: `${signed}.${b64(signature)}`,
  }));
  return { algorithm, jwk: publicKey.export({ format: "jwk" }), tests };
}

function elliptic(algorithm, curve, hash, width) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: curve });
  const other = crypto.generateKeyPairSync("ec", { namedCurve: curve }).privateKey;
  const sign = (signed, name = hash, key = privateKey, dsaEncoding = "ieee-p1363") =>
    crypto.sign(name, Buffer.from(signed), { key, dsaEncoding });
  const signed = signedPart(algorithm);
  const good = sign(signed);
  const [r, s] = [good.subarray(0, width), good.subarray(width)];
  const order = ORDERS[curve];
  const zero = Buffer.alloc(width);
  const one = toOctets(1n, width);
  const n = toOctets(order, width);
  const join = (...halves) => Buffer.concat(halves);
  const rows = [
    ["holds", true, signed, good],
    ["holds, another of the same claims", true, signed, sign(signed)],
    ["n - s: the other s of ECDSA, which JWS allows", true, signed,
      join(r, toOctets(order - toInt(s), width))],
    ["r and s exchanged", false, signed, join(s, r)],
    ["DER in place of r and s joined", false, signed, sign(signed, hash, privateKey, "der")],
    ["another digest", false, signed, sign(signed, hash === "sha256" ? "sha512" : "sha256")],
    ["another key", false, signed, sign(signed, hash, other)],
    ["other claims", false, signedPart(algorithm, 1), good],
    ["r = 0, s = 0", false, signed, join(zero, zero)],
    ["r = 0", false, signed, join(zero, s)],
    ["s = 0", false, signed, join(r, zero)],
    ["r = 1, s = 1", false, signed, join(one, one)],
    ["r = n, s = n", false, signed, join(n, n)],
    ["r = n, s = 0", false, signed, join(n, zero)],
    ["r = 0, s = n", false, signed, join(zero, n)],
    ["r = n + 1, s = n - 1", false, signed,
      join(toOctets(order + 1n, width), toOctets(order - 1n, width))],
    ["all ones", false, signed, Buffer.alloc(2 * width, 0xff)],
    ["an octet more at the end", false, signed, join(good, Buffer.of(0))],
    ["an octet more before", false, signed, join(Buffer.of(0), good)],
    ["a zero before each half", false, signed, join(Buffer.of(0), r, Buffer.of(0), s)],
    ["an octet less", false, signed, good.subarray(0, -1)],
    ["r alone", false, signed, r],
    ["empty", false, signed, Buffer.alloc(0)],
    ["a bit of r turned", false, signed, join(Buffer.of(r[0]), Buffer.of(r[1] ^ 1), r.subarray(2), s)],
    ["a bit of s turned", false, signed, join(r, s.subarray(0, -1), Buffer.of(s.at(-1) ^ 1))],
  ];
  for (let at = 0, found = 0; found < 2; at += 1) {
    const here = signedPart(algorithm, at);
    const signature = sign(here);
    const half = signature[0] === 0 ? 0 : signature[width] === 0 ? width : -1;
    const short = curve === "P-521" ? signature[half] === 0 && signature[half + 1] === 0 : half >= 0;
    if (half < 0 || !short) continue;
    found += 1;
    rows.push(["a half that begins with zeros", true, here, signature]);
    rows.push(["the zeros left out", false, here,
      join(signature.subarray(0, half), signature.subarray(half + 1))]);
  }
  return group(algorithm, publicKey, rows);
}

function modular(algorithm, hash, bits) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: bits });
  const other = crypto.generateKeyPairSync("rsa", { modulusLength: bits }).privateKey;
  const width = bits / 8;
  const modulus = toInt(Buffer.from(publicKey.export({ format: "jwk" }).n, "base64url"));
  const sign = (signed, name = hash, key = privateKey) =>
    crypto.sign(name, Buffer.from(signed), { key, padding: crypto.constants.RSA_PKCS1_PADDING });
  const raw = (block) =>
    crypto.privateEncrypt({ key: privateKey, padding: crypto.constants.RSA_NO_PADDING }, block);
  const signed = signedPart(algorithm);
  const info = (name) =>
    Buffer.concat([Buffer.from(DIGEST_INFO[name], "hex"), digest(name, signed)]);
  const block = (tail, { type = 1, fill = 0xff, first = 0, after = Buffer.alloc(0), pad } = {}) => {
    const many = pad ?? width - 3 - tail.length - after.length;
    const body = Buffer.concat([
      Buffer.of(first, type), Buffer.alloc(many, fill), Buffer.of(0), tail, after]);
    return Buffer.concat([body, Buffer.alloc(width - body.length, 0x5a)]);
  };
  const good = sign(signed);
  const pss = crypto.sign(hash, Buffer.from(signed),
    { key: privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  const wrong = hash === "sha256" ? "sha512" : "sha256";
  const rows = [
    ["holds", true, signed, good],
    ["holds, padded by hand", true, signed, raw(block(info(hash)))],
    ["PSS", false, signed, pss],
    ["another digest", false, signed, sign(signed, wrong)],
    ["SHA-1", false, signed, raw(block(info("sha1")))],
    ["another key", false, signed, sign(signed, hash, other)],
    ["other claims", false, signedPart(algorithm, 1), good],
    ["digest without DigestInfo", false, signed, raw(block(digest(hash, signed)))],
    ["padding of eight octets, garbage after the digest", false, signed,
      raw(block(info(hash), { pad: 8 }))],
    ["garbage after the digest, full padding", false, signed,
      raw(block(info(hash), { after: Buffer.from("garbage!") }))],
    ["padding of zeros", false, signed, raw(block(info(hash), { fill: 0, type: 0 }))],
    ["padding as for encryption", false, signed, raw(block(info(hash), { fill: 0x77, type: 2 }))],
    ["DigestInfo of the right length with another digest's name", false, signed,
      raw(block(Buffer.concat([Buffer.from(DIGEST_INFO[wrong], "hex"), digest(hash, signed)])))],
    ["one", false, signed, toOctets(1n, width)],
    ["zero", false, signed, Buffer.alloc(width)],
    ["n - 1", false, signed, toOctets(modulus - 1n, width)],
    ["n", false, signed, toOctets(modulus, width)],
    ["all ones", false, signed, Buffer.alloc(width, 0xff)],
    ["an octet more before", false, signed, Buffer.concat([Buffer.of(0), good])],
    ["an octet more at the end", false, signed, Buffer.concat([good, Buffer.of(0)])],
    ["an octet less", false, signed, good.subarray(1)],
    ["empty", false, signed, Buffer.alloc(0)],
    ["a bit turned", false, signed, Buffer.concat([good.subarray(0, -1), Buffer.of(good.at(-1) ^ 1)])],
  ];
  for (let at = 1; ; at += 1) {
    const here = signedPart(algorithm, at);
    const signature = sign(here);
    if (signature[0] !== 0) continue;
    rows.push(["begins with a zero", true, here, signature]);
    rows.push(["the zero left out", false, here, signature.subarray(1)]);
    break;
  }
  const beyond = toInt(good) + modulus;
  if (beyond < 1n << BigInt(bits)) {
    rows.push(["signature plus n", false, signed, toOctets(beyond, width)]);
  }
  return group(algorithm, publicKey, rows);
}

const groups = [
  elliptic("ES256", "P-256", "sha256", 32),
  elliptic("ES384", "P-384", "sha384", 48),
  elliptic("ES512", "P-521", "sha512", 66),
  modular("RS256", "sha256", 2048),
  modular("RS384", "sha384", 3072),
  modular("RS512", "sha512", 4096),
];
process.stdout.write(JSON.stringify({ made: `node ${process.version}`, groups }, null, 1) + "\n");
