// Passkeys: asks the browser's authenticator for what the server wants, and hands the answer back.
"use strict";
(() => {
  const octets = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ask = async (address, body) => {
    const answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail || "");
    return told;
  };
  const failed = (error) => {
    const place = document.getElementById("passkey-failed");
    if (error && error.name === "Error" && error.message) place.textContent = error.message;
    place.hidden = false;
    place.focus();
  };
  const plain = (made, names) => {
    const response = {};
    for (const name of names) if (made.response[name]) response[name] = text(made.response[name]);
    return { id: made.id, rawId: text(made.rawId), type: made.type, response };
  };

  const signIn = async (button) => {
    const options = await ask("/issuing/sign-in/local/passkey/options", {
      back_to: button.dataset.backTo,
    });
    options.challenge = octets(options.challenge);
    options.allowCredentials = [];
    const made = await navigator.credentials.get({ publicKey: options });
    const answer = plain(made, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
    const told = await ask("/issuing/sign-in/local/passkey", { answer });
    location.assign(told.to);
  };

  const add = async (form) => {
    const token = form.dataset.formToken;
    const options = await ask("/issuing/account/passkeys/options", { form_token: token });
    options.challenge = octets(options.challenge);
    options.user.id = octets(options.user.id);
    for (const one of options.excludeCredentials || []) one.id = octets(one.id);
    const made = await navigator.credentials.create({ publicKey: options });
    const answer = plain(made, ["clientDataJSON", "attestationObject"]);
    const code = form.elements.code ? form.elements.code.value : null;
    await ask("/issuing/account/passkeys", {
      form_token: token, label: form.elements.label.value, code, answer,
    });
    location.reload();
  };

  if (!window.PublicKeyCredential) return;
  const button = document.getElementById("by-passkey");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => signIn(button).catch(failed));
  }
  const form = document.getElementById("add-passkey");
  if (form) {
    document.getElementById("add").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      add(form).catch(failed);
    });
  }
})();
