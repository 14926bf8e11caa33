// The position of the phone, on request only; nobody types degrees.

const WAIT = 15_000;

export function offerPlace(button) {
  const name = button.dataset.locate;
  const [lat, lon, status] = [name, `${name}-lon`, `${name}-status`].map((id) =>
    document.getElementById(id),
  );
  const undo = document.querySelector(`[data-unlocate="${name}"]`);
  const put = (latitude, longitude, words) => {
    [lat.value, lon.value, status.textContent] = [latitude, longitude, words];
    undo.hidden = !latitude;
    button.form?.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const found = ({ coords }) => {
    const words = status.dataset.found.replace("{}", Math.max(1, Math.round(coords.accuracy)));
    put(coords.latitude.toFixed(6), coords.longitude.toFixed(6), words);
  };
  const failed = ({ code, PERMISSION_DENIED }) => {
    const isDenied = code === PERMISSION_DENIED;
    status.textContent = isDenied ? status.dataset.denied : status.dataset.failed;
  };
  button.addEventListener("click", () => {
    if (!navigator.geolocation) return failed({ code: 1, PERMISSION_DENIED: 1 });
    status.textContent = status.dataset.locating;
    const exactly = { enableHighAccuracy: true, timeout: WAIT, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(found, failed, exactly);
  });
  undo.addEventListener("click", () => {
    put("", "", "");
    button.focus();
  });
}
