"""A file from an address that a stranger chose, as docs/recipes/fetch-url.md has it."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from recipes.page import Load, run
from recipes.web import Answer, Server, http, make_certificate, serving

Recipe = dict[str, Any]
Serve = Callable[..., Server]

PNG = io.BytesIO()
Image.new("RGB", (8, 8), "teal").save(PNG, "PNG")

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"]
REFUSED = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
]


@pytest.fixture
def recipe(load: Load) -> Recipe:
    """What the recipe defines, with files on disk and on S3."""
    return load("fetch-url")


@pytest.fixture
def plain(tmp_path: Path) -> Recipe:
    """What the recipe defines, where nothing is stored."""
    return run("fetch-url", tmp_path / "instance", {})


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers on loopback, until the test ends."""
    with ExitStack() as stack:
        yield lambda answer, **options: stack.enter_context(serving(answer, **options))


@pytest.fixture
def let(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recipe, Server], str]:
    """Lets a recipe take one server for a public one, and returns its URL: 127.0.0.1 alone is
    public then, and all else of loopback is not.
    """

    def let_server(recipe: Recipe, server: Server) -> str:
        monkeypatch.setitem(recipe, "is_public", lambda one: one == ip_address("127.0.0.1"))
        recipe["PORTS"].add(server.port)
        return f"http://{server.host}:{server.port}"

    return let_server


def send(data: bytes) -> Answer:
    return lambda connection, _path, _head: connection.sendall(data)


def to(location: str, status: str = "302 Found") -> Answer:
    return send(http(status=status, Location=location))


def refusal(recipe: Recipe, url: str) -> str:
    with pytest.raises(recipe["FetchError"]) as caught:
        recipe["fetch"](url)
    return str(caught.value)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str, plain: Recipe) -> None:
    """Addresses of the internet are public."""
    assert plain["is_public"](ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str, plain: Recipe) -> None:
    """What is of this machine, this network, or nobody's is not, in whatever form."""
    assert not plain["is_public"](ip_address(address))


def test_import(recipe: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """A picture is fetched, checked by its bytes, and stored under its name, here and on S3."""
    server = serve(send(http(PNG.getvalue())))
    url = let(recipe, server)
    answer = recipe["app"].test_client().post("/import", data={"url": f"{url}/a/größe%201.png?v=ü"})
    assert answer.status_code == 200, answer.text
    assert "größe_1" in answer.json["url"] or "gr%C3%B6%C3%9Fe_1" in answer.json["url"]
    assert server.paths == ["/a/gr%C3%B6%C3%9Fe%201.png?v=%C3%BC"]
    with recipe["app"].app_context():
        storage = recipe["uploads"].storages.current
        (info,) = storage.find("imported/")
        with storage.open(info.name) as file:
            assert file.read() == PNG.getvalue()


def test_no_picture(recipe: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """What is no picture is refused, whatever the server calls it, and nothing is stored."""
    url = let(recipe, serve(send(http(b"<script>", **{"Content-Type": "image/png"}))))
    answer = recipe["app"].test_client().post("/import", data={"url": f"{url}/a.png"})
    assert answer.status_code == 400
    with recipe["app"].app_context():
        assert not list(recipe["uploads"].storages.current.find("imported/"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
    ],
)
def test_loopback(host: str, plain: Recipe, serve: Serve) -> None:
    """No spelling of this machine's own address is asked anything."""
    server = serve(send(http(b"secret")))
    plain["PORTS"].add(server.port)
    assert refusal(plain, f"http://{host}:{server.port}/") == "This address cannot be fetched."
    assert server.connections == 0


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Same", "308 Moved"])
def test_redirect(status: str, plain: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """A redirect is followed to where a file may be fetched, and looked at as the first address
    was: none leads to another machine of this network, nor to a file.
    """
    private = serve(send(http(b"secret")), host="127.0.0.2")

    def answer(connection: socket.socket, path: str, _head: str) -> None:
        locations = {
            "/private": f"http://127.0.0.2:{private.port}/secret",
            "/file": "file:///etc/passwd",
            "/user": f"http://ann:b@127.0.0.1:{server.port}/there",
            "/port": "http://127.0.0.1:22/",
            "/here": "there",
            "/loop": "/loop",
        }
        if path in locations:
            connection.sendall(http(status=status, Location=locations[path]))
        else:
            connection.sendall(http(b"public"))

    server = serve(answer)
    url = let(plain, server)
    plain["PORTS"].add(private.port)
    file, name = plain["fetch"](f"{url}/here")
    with file:
        assert (file.read(), name) == (b"public", "there")
    assert refusal(plain, f"{url}/private") == "This address cannot be fetched."
    assert refusal(plain, f"{url}/file") == "The address must start with https:// or http://."
    assert refusal(plain, f"{url}/user") == "This address cannot be fetched."
    assert refusal(plain, f"{url}/port") == "This address cannot be fetched."
    assert refusal(plain, f"{url}/loop") == "This address leads on too often."
    assert server.paths.count("/loop") == 1 + plain["MAX_REDIRECTS"]
    assert private.connections == 0


def test_name_that_changes(
    plain: Recipe, serve: Serve, let: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked up once, and the address that was looked at is the one that is asked."""
    public, private = serve(send(http(b"public"))), serve(send(http(b"secret")), host="127.0.0.2")
    let(plain, public)
    lookups: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "rebinding.example":
            lookups.append(host)
            host = "127.0.0.1" if len(lookups) == 1 else "127.0.0.2"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = f"http://rebinding.example:{public.port}/a.txt"
    with plain["fetch"](url)[0] as file:
        assert file.read() == b"public"
    assert len(lookups) == 1
    assert refusal(plain, url) == "This address cannot be fetched."
    assert private.connections == 0


def test_one_private_address_of_many(
    plain: Recipe, serve: Serve, let: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that has a private address among public ones is refused."""
    server = serve(send(http(b"public")))
    let(plain, server)
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        both = ["127.0.0.1", "127.0.0.2"] if host == "both.example" else [host]
        return [found for one in both for found in real(one, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert refusal(plain, f"http://both.example:{server.port}/") == (
        "This address cannot be fetched."
    )
    assert server.connections == 0


def endless(head: bytes, piece: bytes) -> Answer:
    """Sends for as long as somebody takes it."""

    def answer(connection: socket.socket, path: str, _head: str) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return answer


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", bytes(65536)),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + bytes(65536) + b"\r\n",
        ),
    ],
    ids=["until it closes", "more than it said", "chunked"],
)
def test_size(
    head: bytes, piece: bytes, plain: Recipe, serve: Serve, let: Callable[..., str]
) -> None:
    """No more is read than the limit, whatever the server says of the size."""
    plain["MAX_BYTES"] = 1_000_000
    url = let(plain, serve(endless(head, piece)))
    if b"10\r\n\r\n" in head:
        with plain["fetch"](url)[0] as file:
            assert len(file.read()) == 10
    else:
        assert refusal(plain, url) == "The file is larger than 1,000,000 bytes."


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc",
        b"220 mail.example.com ESMTP\r\n",
        http(status="404 Not Found"),
        b"",
    ],
)
def test_broken(head: bytes, plain: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """Half a file is none, and what speaks no HTTP is refused in the same words."""
    url = let(plain, serve(send(head)))
    assert refusal(plain, url) in (
        "This address cannot be fetched.",
        "There is no file at this address.",
    )


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["status", "headers", "body"],
)
def test_time(head: bytes, plain: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """A server that sends a byte now and then is left when the time is over."""
    plain["SECONDS"] = 0.2

    def drip(connection: socket.socket, path: str, _head: str) -> None:
        connection.sendall(head)
        connection.settimeout(0.02)
        while True:
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b"x")

    assert refusal(plain, let(plain, serve(drip))) == "This address takes too long."


def test_silence_in_tls(plain: Recipe, serve: Serve, let: Callable[..., str]) -> None:
    """A server that never answers a handshake is left, too."""
    plain["SECONDS"] = 0.2
    server = serve(send(b""))  # waits for a request in plain text, which does not come
    let(plain, server)
    assert refusal(plain, f"https://127.0.0.1:{server.port}/") == "This address takes too long."


def test_tls(
    plain: Recipe,
    serve: Serve,
    let: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By TLS, the certificate has to be of the name in the URL, not of the address."""
    pem = tmp_path / "localhost.pem"
    make_certificate("localhost", pem)
    server = serve(send(http(b"public")), tls=pem)
    let(plain, server)
    monkeypatch.setitem(
        plain, "is_public", lambda one: one in (ip_address("127.0.0.1"), ip_address("::1"))
    )
    monkeypatch.setattr(plain["socket"], "getaddrinfo", on_ipv4(socket.getaddrinfo))
    url = f"https://localhost:{server.port}/a"
    assert refusal(plain, url) == "This address cannot be fetched."  # nobody vouches for it
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with plain["fetch"](url)[0] as file:
        assert file.read() == b"public"
    by_address = f"https://127.0.0.1:{server.port}/a"
    assert refusal(plain, by_address) == "This address cannot be fetched."


def on_ipv4(real: Callable[..., Any]) -> Callable[..., Any]:
    """localhost may be ::1 first, where the server is not."""
    return lambda *args, **kwargs: [
        one for one in real(*args, **kwargs) if one[0] == socket.AF_INET
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cat.png",
        "ftp://example.com/a",
        "http://",
        "http://[::1",
        "http://example.com:99999/",
        "http://example.com:22/",
        "http://ann@example.com/",
        "http://%00/",
        f"http://{'a' * 70}.example/",
        "http://no-such-host.invalid/",
        "gopher://127.0.0.1/_x",
    ],
)
def test_bad_urls(url: str, plain: Recipe) -> None:
    """What is no address of the web is refused in words."""
    assert refusal(plain, url).startswith(("This address cannot be", "The address must start"))
