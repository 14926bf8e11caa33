"""The production path of `deploy/README.md`, followed with folders of a test's own; no test.

Every line of its shell blocks is run but those that change the machine itself: packages, accounts,
the database server, systemd. What those would have done is done here with what the files say.
"""

import os
import re
import shlex
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.fault.lives import eventually, free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PROGRAM = Path(sys.executable).with_name("hangji")
OF_THE_MACHINE = (
    "apt-get ", "useradd ", "/usr/bin/python3 ", "/opt/hangji-1/bin/pip ", "ln -s ", "runuser ",
    "chgrp ", "systemctl ", "cp deploy/systemd/", "cp deploy/nginx.conf ",
)  # fmt: skip
"""How the lines begin that are not run here."""

OK = "200"

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/hangji.conf;
}}
"""


@dataclass(frozen=True)
class Server:
    """A machine in a folder: its settings, its ports, its processes."""

    folder: Path
    ports: dict[str, int]
    """Ports of the files, by the number that stands there."""

    def script(self, database_url: str) -> str:
        """The shell blocks of the page as one script."""
        lines = ["set -e", f"mkdir -p {self.folder}/var"]
        for line in shell_lines():
            if line.startswith('echo "postgresql://'):
                lines.append(f"echo {shlex.quote(database_url)} > {self.folder}/etc/database_url")
            elif line.startswith("cp deploy/hangji.env"):
                settings = self.placed((DEPLOY / "hangji.env").read_text(encoding="utf-8"))
                lines.append(f"cat > {self.folder}/etc/hangji.env <<'END'\n{settings}END")
            elif not line.startswith(OF_THE_MACHINE):
                lines.append(self.placed(line.replace(" -g hangji", "")))
        return "\n".join(lines)

    def placed(self, text: str) -> str:
        """A text of the files with the folders, ports and programs of this server."""
        text = text.replace("/etc/hangji", f"{self.folder}/etc")
        text = text.replace("/var/lib/hangji", f"{self.folder}/var")
        text = text.replace("/opt/hangji/bin/hangji", str(PROGRAM))
        text = text.replace("/opt/hangji/bin", str(PROGRAM.parent))
        for written, port in self.ports.items():
            text = re.sub(rf"\b{written}\b", str(port), text)
        return text

    def set_up(self, database_url: str) -> str:
        """Follow the page; what its commands printed."""
        done = subprocess.run(
            ["bash", "-c", self.script(database_url)],
            cwd=ROOT,
            env={**clean_environment(), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        (ROOT / "people.csv").unlink(missing_ok=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def units(self) -> dict[str, list[str]]:
        """What the target starts, by its name in systemd: the command of each."""
        target = (DEPLOY / "systemd" / "hangji.target").read_text(encoding="utf-8")
        wanted = " ".join(re.findall(r"^Wants=(.*)$", target, re.MULTILINE))
        return {name: self.command_of(name) for name in wanted.split()}

    def command_of(self, name: str) -> list[str]:
        """The command a unit starts."""
        template, _, instance = name.removesuffix(".service").partition("@")
        file = f"{template}@.service" if instance else f"{template}.service"
        text = (DEPLOY / "systemd" / file).read_text(encoding="utf-8")
        (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
        return self.placed(command.replace("%i", instance)).split()

    @contextmanager
    def running(self) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
        """Everything the target and nginx start, ended again."""
        commands = {**self.units(), "nginx": self.nginx()}
        with self.processes(commands, self.environment()) as started:
            yield started

    @contextmanager
    def restarted(
        self, unit: str, process: "subprocess.Popen[bytes]"
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A unit as `systemctl restart` does it: ended, waited for, started again."""
        process.terminate()
        process.wait(60)
        with self.processes({unit: self.command_of(unit)}, self.environment()) as started:
            yield started[unit]

    def environment(self) -> dict[str, str]:
        """What the processes are told."""
        return {**clean_environment(), **settings_of(self.folder / "etc" / "hangji.env")}

    @contextmanager
    def processes(
        self, commands: dict[str, list[str]], environment: dict[str, str] | None = None
    ) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
        """Programs that run until the block is left; what they print is kept."""
        started: dict[str, subprocess.Popen[bytes]] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "processes.log").open("ab") as log:
            try:
                for name, command in commands.items():
                    started[name] = subprocess.Popen(
                        command, env=environment, stdout=log, stderr=log
                    )
                yield started
            finally:
                for process in started.values():
                    process.terminate()
                for process in started.values():
                    process.wait(30)

    def redis(self) -> list[str]:
        """The command that starts what counts the limits of callers."""
        port = str(self.ports["6379"])
        return ["redis-server", "--port", port, "--save", "", "--dir", str(self.folder)]

    def nginx(self) -> list[str]:
        """The command that starts the proxy by its file, with a certificate of its own."""
        tls = self.folder / "etc" / "tls"
        tls.mkdir()
        names = ["-keyout", str(tls / "privkey.pem"), "-out", str(tls / "fullchain.pem")]
        self_signed = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        subprocess.run(
            [*self_signed, "-subj", "/CN=hangji.example", *names], check=True, capture_output=True
        )
        site = self.placed((DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
        (self.folder / "hangji.conf").write_text(site, encoding="utf-8")
        main = self.folder / "nginx.conf"
        main.write_text(NGINX.format(folder=self.folder), encoding="utf-8")
        return ["nginx", "-e", f"{self.folder}/nginx.log", "-c", str(main)]

    def answer(self, path: str) -> str:
        """What the proxy answers to a path: the status, or why there was none."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        try:
            url = f"https://127.0.0.1:{self.ports['443']}{path}"
            with urlopen(url, context=trusting, timeout=60) as answer:
                return str(answer.status)
        except OSError as none:
            return repr(none)

    def answers(self, path: str) -> bool:
        """Whether the proxy answers a path with 200."""
        return self.answer(path) == OK

    def is_ready(self, port: str) -> bool:
        """Whether the web process of a port of the files is ready, asked past the proxy."""
        try:
            url = f"http://127.0.0.1:{self.ports[port]}/health/ready"
            with urlopen(url, timeout=60) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def comes_to_answer(self, path: str) -> bool:
        """Whether it does so after a while."""
        return eventually(lambda: self.answers(path))


def server(folder: Path) -> Server:
    """A server in a folder, on ports nobody uses."""
    return Server(folder, {port: free_port() for port in ("443", "80", "8101", "8102", "6379")})


def shell_lines() -> list[str]:
    """The lines of the page's shell blocks, in order."""
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def settings_of(file: Path) -> dict[str, str]:
    """The variables of an environment file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def clean_environment() -> dict[str, str]:
    """The environment without anything of hangji."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HANGJI_")}
