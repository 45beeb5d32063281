// Whether a mouse button, or a finger, is held down just now, and what waits until it is let go.

let pressed = false;
const waiting = new Set();

document.addEventListener("pointerdown", onPress, { capture: true });
for (const name of ["pointerup", "pointercancel", "pointermove"])
  document.addEventListener(name, onRelease, { capture: true });

export function isPressed() {
  return pressed;
}

/** Call `then` once nothing is held down, and the click that this makes has been dealt with. */
export function afterPress(then) {
  waiting.add(then);
}

function onPress(event) {
  // a menu of the browser's own, of a list or of the other button, may keep the release to itself
  pressed = event.button === 0 && !(event.target instanceof HTMLSelectElement);
}

function onRelease(event) {
  if (!pressed || event.buttons) return;
  pressed = false;
  setTimeout(() => {
    const late = [...waiting];
    waiting.clear();
    for (const then of late) then();
  });
}
