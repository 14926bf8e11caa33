import { addImage, colour } from "./canvas.js";

// Told by shape and word: a disc, a square with a cross, a diamond; a case is a triangle on top.
const DRAWN = {
  shop(pen) {
    pen.arc(10, 10, 6, 0, 2 * Math.PI);
  },
  ceased(pen) {
    pen.rect(4, 4, 12, 12);
  },
  bright(pen) {
    pen.moveTo(10, 2);
    for (const [x, y] of [[18, 10], [10, 18], [2, 10]]) pen.lineTo(x, y);
    pen.closePath();
  },
};
const FILLS = { shop: "brand", ceased: "soft", bright: "green-fill" };
export function addShapes(map) {
  for (const [name, outline] of Object.entries(DRAWN)) {
    for (const isOpen of [false, true]) {
      addImage(map, isOpen ? `${name}-open` : name, 26, 20, (pen) => {
        Object.assign(pen, { fillStyle: colour(FILLS[name]), strokeStyle: colour("paper"), lineWidth: 1.5 });
        pen.beginPath();
        outline(pen);
        pen.fill();
        pen.stroke();
        if (name === "ceased") cross(pen);
        if (isOpen) flag(pen);
      });
    }
  }
}
function cross(pen) {
  pen.lineWidth = 2;
  pen.beginPath();
  for (const [x, y, to] of [[6.5, 6.5, 13.5], [13.5, 6.5, 6.5]]) {
    pen.moveTo(x, y);
    pen.lineTo(to, 13.5);
  }
  pen.stroke();
}
function flag(pen) {
  Object.assign(pen, { fillStyle: colour("red-solid"), strokeStyle: colour("paper"), lineWidth: 1 });
  pen.beginPath();
  pen.moveTo(20, 0.5);
  pen.lineTo(25.5, 10);
  pen.lineTo(14.5, 10);
  pen.closePath();
  pen.fill();
  pen.stroke();
}
