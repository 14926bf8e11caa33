"""Pictures as weapons: bombs, polyglots, animation, HEIC, EXIF; and blobs that no quota counts."""
import io, os, struct, subprocess, sys, time, zlib
from PIL import Image
from lib import *
def multi(name, content, ctype="image/png", extra=b""):
    b = b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name.encode("utf-8","replace") + b"\"\r\nContent-Type: " + ctype.encode() + b"\r\n\r\n" + content + b"\r\n" + extra + b"--B--\r\n"
    return b
def up(tag, content, who="grid_member", name="a.png", ctype="image/png", extra=b"", q=""):
    h = {"Content-Type": "multipart/form-data; boundary=B"}
    if who: h["Authorization"] = "Bearer " + token(who)
    t0 = time.time()
    try: s, hd, d = raw("POST", "/api/v1/attachments" + q, multi(name, content, ctype, extra), h, timeout=120)
    except Exception as e: print("??", tag, type(e).__name__); return None
    try: j = json.loads(d)
    except ValueError: j = {"code": d[:50]}
    print("!!" if s >= 500 else "", tag, s, j.get("code") or {k: j.get(k) for k in ("content_type","size")}, f"{time.time()-t0:.1f}s")
    return j.get("id")
def png(w, h, mode=0):
    """w x h one-colour grey PNG, tiny."""
    row = b"\0" + b"\0" * w
    co = zlib.compressobj(9); z = b"".join(co.compress(row) for _ in range(h)) + co.flush()
    def ch(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
    return b"\x89PNG\r\n\x1a\n" + ch(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, mode, 0, 0, 0)) + ch(b"IDAT", z) + ch(b"IEND", b"")
def img(fmt="JPEG", size=(64, 64), **kw):
    o = io.BytesIO(); Image.new("RGB", size, (1, 2, 3)).save(o, fmt, **kw); return o.getvalue()
def rss():
    pid = open(f"{WORKDIR}/serve.pid").read().strip()
    kids = subprocess.run(["ps", "-o", "rss=", "--ppid", pid], capture_output=True, text=True).stdout.split()
    return sum(map(int, kids)) // 1024
print("rss MB", rss())
up("100 Mpx", png(10000, 10000)); up("39.9 Mpx grey", png(7000, 5700)); print("rss MB", rss())
up("zero", b""); up("text", b"hello"); up("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"); up("gif", img("GIF")); up("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, ctype="image/heic")
o = io.BytesIO(); fr = [Image.new("RGB", (200, 200), (i, 0, 0)) for i in range(200)]; fr[0].save(o, "WEBP", save_all=True, append_images=fr[1:]); up("animated webp", o.getvalue())
o = io.BytesIO(); fr[0].save(o, "PNG", save_all=True, append_images=fr[1:]); up("apng", o.getvalue())
up("jpeg+script", img() + b"<script>alert(1)</script>"); up("jpeg+zip", img() + b"PK\x05\x06" + b"\0" * 18); up("jpeg+UTF-16 script", img() + "<script>".encode("utf-16")); up("truncated", img()[:300])
up("bad crc", png(100, 100)[:-20] + b"\0" * 20); up("tiff in jpg", img("TIFF"), name="a.jpg"); up("ico", img("ICO")); up("cmyk jpeg", (lambda o: (Image.new("CMYK", (9, 9)).save(o, "JPEG"), o.getvalue())[1])(io.BytesIO()))
up("16-bit png", (lambda o: (Image.new("I;16", (9, 9)).save(o, "PNG"), o.getvalue())[1])(io.BytesIO()))
up("1px wide 40M", png(1, 1000000)); up("iTXt bomb", png(10, 10)[:33] + (lambda d: struct.pack(">I", len(d)) + b"zTXt" + d + struct.pack(">I", zlib.crc32(b"zTXt" + d)))(b"k\0\0" + zlib.compress(b"\0" * 200_000_000, 9)) + png(10, 10)[33:]); print("rss MB", rss())
ex = Image.Exif(); ex[0x9286] = "CANARY-EXIF-7f3a"; ex[0x8298] = "CANARY-EXIF-7f3a"; ex[0x010e] = "CANARY-EXIF-7f3a"
i = up("exif", img(exif=ex.tobytes(), comment=b"CANARY-EXIF-7f3a"), name="CANARY-NAME-7f3a.jpg")
s, hd, d = raw("GET", f"/api/v1/attachments/{i}", None, {"Authorization": "Bearer " + token("grid_member")}); print("exif kept:", b"CANARY" in d, hd.get("content-disposition"), hd.get("content-security-policy"))
print("other officer reads unclaimed:", raw("GET", f"/api/v1/attachments/{i}", None, {"Authorization": "Bearer " + token("city_officer")})[0])
s, d, _ = api("POST", "/reports", "f_grid", {**REPORT, "area": "350302001001001", "photos": [i]}); print("somebody else's photo in a report:", s, d.get("code"))
for n in ("../../etc/passwd.png", "a\r\nX-Evil: 1.png", "a\0b.png", "\u202egnp.exe", "x" * 5000 + ".png"): up("name " + ascii(n)[:30], img("PNG"), name=n)
up("21 MB", b"\xff\xd8\xff" + os.urandom(21 << 20)); 
def blobs(): return sum(os.path.getsize(os.path.join(p, f)) for p, _, fs in os.walk(f"{WORKDIR}/var/blobs") for f in fs)
b0 = blobs()
for k in range(6): up("dry run noise", (lambda o: (Image.frombytes("RGB", (1500, 1000), os.urandom(4500000)).save(o, "PNG"), o.getvalue())[1])(io.BytesIO()), q="?dry_run=true")
print("bytes on disk without any row: MB", (blobs() - b0) >> 20)
