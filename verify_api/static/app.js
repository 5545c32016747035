// Makes the forms more comfortable; everything works without it.
"use strict";

document.documentElement.classList.add("scripted");

const upload = document.querySelector("form.upload");
if (upload) {
  const input = upload.querySelector("input[type=file]");
  const chosen = upload.querySelector("[data-chosen]");
  const status = upload.querySelector("[data-status]");
  const button = upload.querySelector("button");

  const fits = () => {
    const file = input.files[0];
    const fine = !file || file.size <= Number(upload.dataset.limit);
    status.textContent = fine ? "" : upload.dataset.tooLarge;
    chosen.hidden = !file;
    chosen.textContent = file ? file.name : "";
    upload.classList.toggle("has-file", Boolean(file));
    return fine;
  };

  input.addEventListener("change", fits);
  upload.addEventListener("submit", (event) => {
    if (!fits()) {
      event.preventDefault();
      return;
    }
    status.textContent = upload.dataset.busy;
    button.disabled = true;
  });
  // Coming back with the browser's "back" finds the form usable again.
  addEventListener("pageshow", () => {
    button.disabled = false;
    fits();
  });

  const carriesFile = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    upload.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) upload.classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    upload.classList.remove("dragging");
    input.files = event.dataTransfer.files;
    if (input.files.length && fits()) upload.requestSubmit();
  });
}

const scan = document.querySelector("[data-scan]");
const codeForm = document.querySelector("[data-code-form]");
const offerScan = async () => {
  if (!scan || !codeForm || !("BarcodeDetector" in window)) return;
  if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  scan.hidden = false;
  scan.querySelector("input").addEventListener("change", async (event) => {
    const photo = event.target.files[0];
    if (!photo) return;
    const found = await createImageBitmap(photo)
      .then((image) => detector.detect(image))
      .catch(() => []);
    if (found.length) {
      codeForm.elements.code.value = found[0].rawValue;
      codeForm.requestSubmit();
    } else {
      scan.querySelector("[data-scan-status]").textContent = scan.dataset.none;
    }
  });
};
offerScan();
