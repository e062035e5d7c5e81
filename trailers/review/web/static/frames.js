/* Whole frames and what people read of them. */

/** Frames a second from an exact rate like "24000/1001". */
export function perSecond(rate) {
  const [over, under] = String(rate).split("/").map(Number);
  return over / (under || 1);
}

/** Minutes, seconds and frames: 0:12:07. */
export function code(frame, rate) {
  const whole = Math.round(rate);
  const seconds = Math.floor(frame / whole);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}:${two(frame % whole)}`;
}

/** Minutes and seconds: 0:12.3. */
export function stamp(frame, rate) {
  const seconds = frame / rate;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
}

/** The time in a file that shows a frame: its middle, so that rounding never shows a neighbour. */
export const middle = (frame, rate) => (frame + 0.5) / rate;
