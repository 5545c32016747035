// Documents: files may be dropped, and the seal's place clicked on the page's picture. Without this
// script the forms do the same.
"use strict";
(() => {
  const drop = document.getElementById("drop");
  const input = document.getElementById("files");
  if (drop && input) {
    const tell = () => {
      const names = [...input.files].map((one) => one.name);
      document.getElementById("dropped").textContent = names.join(" · ");
    };
    for (const name of ["dragover", "dragenter"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      tell();
    });
    input.addEventListener("change", tell);
  }
  const picture = document.getElementById("picture");
  const terms = document.getElementById("terms");
  if (!picture || !terms) return;
  const image = picture.querySelector("img");
  const mark = document.createElement("span");
  mark.className = "mark";
  mark.hidden = true;
  const room = document.createElement("span");
  room.className = "pick";
  image.replaceWith(room);
  room.append(image, mark);
  picture.classList.add("clickable");
  const width = Number(picture.dataset.width);
  const height = Number(picture.dataset.height);
  const field = (name) => terms.elements.namedItem(name);
  const show = () => {
    const here = field("page").value === "" || field("page").value === picture.dataset.page;
    const left = Number(field("left").value);
    const top = Number(field("top").value);
    mark.hidden = !(field("way").value === "point" && here && field("left").value !== "");
    mark.style.left = `${(100 * left) / width}%`;
    mark.style.top = `${(100 * top) / height}%`;
  };
  image.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    field("left").value = (((event.clientX - box.left) / box.width) * width).toFixed(1);
    field("top").value = (((event.clientY - box.top) / box.height) * height).toFixed(1);
    field("page").value = picture.dataset.page;
    field("way").value = "point";
    show();
  });
  for (const name of ["left", "top", "way", "page"]) field(name).addEventListener("input", show);
  show();
})();
