"""A hub on this machine for tests: it speaks the protocol of huggingface.co, and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin")
"""What a repo keeps in Git LFS, and a hub gives from another host."""


REPO = "studio/paper-theatre"
UNET = "unet/diffusion_pytorch_model.safetensors"


def safetensors(size: int, fill: int = 0) -> bytes:
    """Return a sound file with one tensor of `size` bytes."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes((fill + i * 7) % 251 for i in range(size))


def pipeline(**more: bytes) -> dict[str, bytes]:
    """Return the files of a repo with a Stable Diffusion pipeline, whole and half size, and much that is not loaded."""
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "safety_checker": [None, None],
    }
    files = {
        "model_index.json": json.dumps(index).encode(),
        "README.md": b"---\nlicense: apache-2.0\n---\n# Paper theatre\n",
        "scheduler/scheduler_config.json": b'{"_class_name": "PNDMScheduler"}',
        "tokenizer/vocab.json": b"{}",
        "tokenizer/merges.txt": b"#version\n",
        "unet/config.json": b'{"sample_size": 64, "cross_attention_dim": 768}',
        "unet/diffusion_pytorch_model.safetensors": safetensors(200_000, 1),
        "unet/diffusion_pytorch_model.fp16.safetensors": safetensors(100_000, 2),
        "unet/diffusion_pytorch_model.non_ema.safetensors": safetensors(200_000, 3),
        "unet/diffusion_pytorch_model.bin": b"pickle",
        "vae/config.json": b'{"_class_name": "AutoencoderKL"}',
        "vae/diffusion_pytorch_model.safetensors": safetensors(3_000, 4),
        "vae/diffusion_pytorch_model.fp16.safetensors": safetensors(1_500, 5),
        "text_encoder/config.json": b'{"model_type": "clip_text_model"}',
        "text_encoder/model.safetensors": safetensors(2_000, 6),
        "text_encoder/model.fp16.safetensors": safetensors(1_000, 7),
        "text_encoder/openvino_model.xml": b"<x/>",
        "text_encoder/flax_model.msgpack": b"x",
        "whole.safetensors": safetensors(900_000),
        "samples/a.png": b"png",
    }
    return {**files, **more}


def adapter() -> dict[str, bytes]:
    """Return the files of a repo with an IP-Adapter for Stable Diffusion 1.5."""
    return {
        "README.md": b"---\nlicense: apache-2.0\n---\n",
        "models/ip-adapter-plus_sd15.safetensors": safetensors(900),
        "models/ip-adapter_sd15.bin": b"pickle",
        "models/image_encoder/config.json": b"{}",
        "models/image_encoder/model.safetensors": safetensors(700),
        "models/image_encoder/pytorch_model.bin": b"pickle",
    }


def commit_of(*words: object) -> str:
    return hashlib.sha1(repr(words).encode()).hexdigest()


@dataclass
class Repo:
    """One repo: its files by commit, and its branches."""

    commits: dict[str, dict[str, bytes]]
    refs: dict[str, str]
    card: dict[str, Any] = field(default_factory=dict)
    gated: bool = False


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    range: str
    host: str
    token: str


class LocalHub:
    """Use it as a context manager; `url` is what HF_ENDPOINT is set to."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.asked: list[Asked] = []
        self.cuts: dict[str, list[int]] = {}
        """By file: after how many bytes each of the next connections breaks."""
        self.instead: dict[str, bytes] = {}
        """By file: other bytes of the same length, sent in place of the right ones."""
        self.status: dict[str, int] = {}
        """By file: an answer that is no file."""
        self.ignores_ranges = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False  # closing waits for them: no thread outlives a test
        self.open: set[socket.socket] = set()
        """Connections that are kept alive."""
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> LocalHub:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def add(self, name: str, files: dict[str, bytes] | Path, branch: str = "main", **facts: Any) -> str:
        """Put files (or a folder's) on a branch of a repo; return the commit."""
        if isinstance(files, Path):
            files = {
                path.relative_to(files).as_posix(): path.read_bytes()
                for path in sorted(files.rglob("*"))
                if path.is_file()
            }
        repo = self.repos.setdefault(name, Repo({}, {}))
        commit = commit_of(name, branch, sorted((n, hashlib.sha1(b).hexdigest()) for n, b in files.items()))
        repo.commits[commit] = files
        repo.refs[branch] = commit
        for key, value in facts.items():
            setattr(repo, key, value)
        return commit

    def bodies(self, ending: str = "") -> list[Asked]:
        """Return the requests that asked for the content of files whose path ends so."""
        return [
            one
            for one in self.asked
            if one.method == "GET" and "/api/" not in one.path and one.path.endswith(ending)
        ]


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _handler(hub: LocalHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5.0

        def setup(self) -> None:
            super().setup()
            hub.open.add(self.connection)

        def finish(self) -> None:
            hub.open.discard(self.connection)
            with contextlib.suppress(OSError):
                super().finish()

        def log_message(self, *_: object) -> None:
            return None

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        # -------------------------------------------------------------- answers
        def _answer(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(
                Asked(
                    self.command,
                    path,
                    self.headers.get("Range", ""),
                    self.headers.get("Host", "").split(":")[0],
                    self.headers.get("Authorization", ""),
                )
            )
            if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
                self._info(found[1], found[2] or "main")
            elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
                self._resolve(found[1], found[2], found[3])
            elif found := re.fullmatch(r"/cdn/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)", path):
                self._file(found[3], hub.repos[found[1]].commits[found[2]][found[3]], {})
            else:
                self._refuse(404, "")

        def _repo(self, name: str, revision: str) -> tuple[Repo, str] | None:
            repo = hub.repos.get(name)
            if repo is None:
                self._refuse(401, "RepoNotFound")
                return None
            if repo.gated and not self.headers.get("Authorization"):
                self._refuse(401, "GatedRepo")
                return None
            commit = repo.refs.get(revision, revision)
            if commit not in repo.commits:
                self._refuse(404, "RevisionNotFound")
                return None
            return repo, commit

        def _info(self, name: str, revision: str) -> None:
            found = self._repo_for_info(name, revision)
            if found is None:
                return
            repo, commit = found
            siblings = []
            for file, data in sorted(repo.commits[commit].items()):
                entry: dict[str, Any] = {"rfilename": file, "size": len(data), "blobId": blob_id(data)}
                if file.endswith(LARGE):
                    entry["lfs"] = {
                        "sha256": hashlib.sha256(data).hexdigest(),
                        "size": len(data),
                        "pointerSize": 130,
                    }
                siblings.append(entry)
            body = json.dumps(
                {
                    "_id": "0", "id": name, "modelId": name, "sha": commit, "private": False, "disabled": False,
                    "gated": "manual" if repo.gated else False, "tags": [], "downloads": 0, "likes": 0,
                    "cardData": repo.card, "siblings": siblings,
                }
            ).encode()  # fmt: skip
            self._send(200, body, {"Content-Type": "application/json"})

        def _repo_for_info(self, name: str, revision: str) -> tuple[Repo, str] | None:
            # A gated repo's listing is public; its files are not.
            repo = hub.repos.get(name)
            if repo is not None and repo.gated:
                return repo, repo.refs.get(revision, revision)
            return self._repo(name, revision)

        def _resolve(self, name: str, revision: str, file: str) -> None:
            found = self._repo(name, revision)
            if found is None:
                return None
            repo, commit = found
            data = repo.commits[commit].get(file)
            if data is None:
                return self._refuse(404, "EntryNotFound")
            headers = {"X-Repo-Commit": commit}
            if not file.endswith(LARGE):
                return self._file(file, data, {**headers, "ETag": f'"{blob_id(data)}"'})
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
            headers["X-Linked-Size"] = str(len(data))
            headers["Location"] = f"http://localhost:{hub.port}/cdn/{name}/{commit}/{file}"
            return self._send(302, b"", headers)

        def _file(self, file: str, data: bytes, headers: dict[str, str]) -> None:
            if file in hub.status and self.command == "GET":
                return self._refuse(hub.status[file], "")
            data = hub.instead.get(file, data)
            start = 0
            if (
                asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            ) and not hub.ignores_ranges:
                start = int(asked[1])
                if start >= len(data):
                    return self._refuse(416, "")
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            cuts = hub.cuts.get(file)
            if self.command == "GET" and cuts:
                return self._cut(data[start:], cuts.pop(0), 206 if start else 200, headers)
            return self._send(206 if start else 200, data[start:], headers)

        def _cut(self, data: bytes, after: int, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[:after])
            self.wfile.flush()
            self.close_connection = True

        def _refuse(self, status: int, code: str) -> None:
            self._send(status, b"", {"X-Error-Code": code} if code else {})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    return Handler


def pretrained(model_type: str = "whisper", **more: bytes) -> dict[str, bytes]:
    """Return the files of a repo with a model of transformers in every form that hubs keep, and much that is not loaded."""
    files = {
        "config.json": json.dumps({"model_type": model_type, "torch_dtype": "float32"}).encode(),
        "README.md": b"---\nlicense: mit\n---\n# A model\n",
        "LICENSE": b"MIT",
        "tokenizer.json": b"{}",
        "tokenizer_config.json": b"{}",
        "generation_config.json": b"{}",
        "chat_template.jinja": b"{{ messages }}",
        "spiece.model": b"sentencepiece",
        "merges.txt": b"#version\n",
        "model.safetensors": safetensors(50_000, 1),
        "model.fp16.safetensors": safetensors(25_000, 2),
        "model.safetensors.index.fp32.json": b"{}",
        "pytorch_model.bin": b"pickle",
        "pytorch_model.bin.index.json": b"{}",
        "tf_model.h5": b"h5",
        "flax_model.msgpack": b"x",
        "consolidated.safetensors": safetensors(400, 3),
        "handler.py": b"import os",
        "onnx/model.onnx": b"onnx",
        "runs/events": b"x",
        "speaker_embeddings/v2/en_speaker_6.npy": b"npy",
        "speaker_embeddings/readme.html": b"x",
    }
    return {**files, **more}
