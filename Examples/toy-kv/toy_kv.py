"""A key-value service as one writes it in an afternoon: every node keeps its own dictionary, and nobody replicates.

It answers quickly, survives restarts of the other nodes, and is not linearizable with more than one node:
    faultline run Examples/toy-kv/toy-kv.yaml
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

values = {}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def document(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self):
        if self.path == "/healthz":
            return self.answer(200, {})
        with lock:
            found = values.get(self.path)
        if found is None:
            return self.answer(404, {"error": "not-found"})
        self.answer(200, {"value": found})

    def do_PUT(self):
        with lock:
            values[self.path] = self.document()["value"]
        self.answer(200, {})

    def do_POST(self):
        wanted = self.document()
        key = self.path.removesuffix("/cas")
        with lock:
            swapped = values.get(key) == wanted["from"]
            if swapped:
                values[key] = wanted["to"]
        self.answer(200 if swapped else 412, {})

    def log_message(self, *_):
        pass


parser = argparse.ArgumentParser()
parser.add_argument("--listen", required=True, help="ADDRESS:PORT")
address, port = parser.parse_args().listen.rsplit(":", 1)
ThreadingHTTPServer((address, int(port)), Handler).serve_forever()
