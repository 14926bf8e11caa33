"""Reads a reporter's identity with dry_run=true: the answer carries it; is the reading on file?"""
from lib import *
s, p = public(description="dry run", reporter={"name": "王示例", "phone": "13900001111"}); n = p["number"]
print("dry run:", api("POST", f"/cases/{n}/reporter?dry_run=true", "supervisor", {"purpose": "curious"})[:2])
ev = api("GET", f"/cases/{n}/events", "supervisor")[1]["items"]
print("entries:", [e["kind"] for e in ev])
import sqlite3
db = sqlite3.connect(f"file:{WORKDIR}/var/hangji.sqlite3?mode=ro", uri=True)
print("vault_access rows:", db.execute("select count(*) from vault_access").fetchone())
print("real:", api("POST", f"/cases/{n}/reporter", "supervisor", {"purpose": "real reading"})[:2])
ev = api("GET", f"/cases/{n}/events", "supervisor")[1]["items"]
print("entries:", [e["kind"] for e in ev], db.execute("select count(*) from vault_access").fetchone())
