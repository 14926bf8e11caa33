"""Small client for the attack scripts: JSON over http.client, one token per demo account."""
import http.client, json, os, secrets
WORKDIR = os.environ.get("ATTACK_WORKDIR", ".")  # the folder with var/ of that instance
PORT = int(os.environ.get("ATTACK_PORT", "8103"))
_tokens = {}

def raw(method, path, body=None, headers=None, timeout=60, port=None):
    c = http.client.HTTPConnection("127.0.0.1", port or PORT, timeout=timeout)
    try:
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        data = r.read()
        return r.status, dict((k.lower(), v) for k, v in r.getheaders()), data
    finally:
        c.close()

def token(who, password=None):
    if who not in _tokens:
        password = password or os.environ.get(f"ATTACK_PASSWORD_{who}", "hangji-demo")
        s, _, d = raw("POST", "/api/v1/tokens", json.dumps({"username": who, "password": password}),
                      {"Content-Type": "application/json"})
        assert s == 200, (who, s, d[:200])
        _tokens[who] = json.loads(d)["access_token"]
    return _tokens[who]

def api(method, path, who=None, body=None, key=None, headers=None, timeout=60):
    h = {"Content-Type": "application/json", **(headers or {})}
    if who:
        h["Authorization"] = "Bearer " + token(who)
    if key:
        h["Idempotency-Key"] = key
        if not who:
            h.setdefault("X-Client-Id", "attack-client-0123456789-abcdef-xyz")
    data = None if body is None else (body if isinstance(body, (bytes, str)) else json.dumps(body))
    s, hd, d = raw(method, "/api/v1" + path, data, h, timeout)
    try:
        return s, json.loads(d) if d else None, hd
    except ValueError:
        return s, d, hd

GRID = "350322100001001"
VILLAGE = "350322100001"
REPORT = {"matter": "L01", "area": GRID, "description": "attack", "no_photo_reason": "x"}

def file(who="grid_member", **more):
    s, d, _ = api("POST", "/reports", who, {**REPORT, **more}, key=secrets.token_hex(8))
    assert s == 201, (s, d)
    return d

def public(**more):
    s, d, _ = api("POST", "/public/reports", None, {"kind": "tip", "description": "attack", "channel": "web",
                  "area": VILLAGE, **more})
    return s, d

ROLES = ["unit_leader","grid_member","grid_leader","village_center","village_assistant","station_officer",
 "station_officer2","county_officer","city_officer","enforcement","catering_section","emergency_center","business",
 "triage","registry_keeper","analyst","publisher","supervisor","admin_system","admin_security","admin_audit"]
