"""Films and sounds of many kinds, made by ffmpeg."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

Made = Iterator[tuple[str, str | set[str]]]


def films(folder: Path) -> Made:
    if not shutil.which("ffmpeg"):
        return
    film = ("-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=10")
    sound = ("-f", "lavfi", "-i", "sine=d=1:r=44100")
    both = (*film, *sound)
    pieces = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")
    h264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
    for name, right, *arguments in (
        ("film.mp4", "video/mp4", *both, *h264),
        ("fast.mp4", "video/mp4", *both, *h264, "-movflags", "+faststart"),
        ("pieces.mp4", "video/mp4", *both, *h264, *pieces),
        ("dash.mp4", "video/mp4", *film, *h264, *pieces, "-brand", "iso5"),
        ("mute.mp4", "video/mp4", *film, *h264),
        ("film.mov", "video/quicktime", *both, *h264),
        ("film.m4v", {"video/x-m4v", "video/mp4"}, *both, *h264),
        ("film.3gp", "video/3gpp", *both, *h264, "-ac", "1", "-c:a", "aac"),
        ("film.3g2", "video/3gpp2", *both, *h264, "-c:a", "aac"),
        ("sound.m4a", "audio/mp4", *sound),
        ("phone.m4a", "audio/mp4", *sound, "-f", "mp4"),
        ("sound.mp4", "audio/mp4", *sound),
        ("book.m4b", "audio/mp4", *sound, "-f", "ipod"),
        ("voice.3gp", "audio/3gpp", *sound, "-c:a", "aac", "-f", "3gp"),
        ("film.webm", "video/webm", *both, "-c:v", "libvpx", "-c:a", "libvorbis"),
        ("voice.webm", "audio/webm", *sound, "-c:a", "libopus"),
        ("live.webm", "video/webm", *both, "-c:v", "libvpx", "-live", "1"),
        ("film.mkv", "video/matroska", *both, *h264),
        ("sound.mka", "audio/matroska", *sound, "-c:a", "libopus"),
        ("film.ogv", "video/ogg", *both, "-c:v", "libtheora", "-c:a", "libvorbis"),
        ("sound.ogg", "audio/ogg", *sound, "-c:a", "libvorbis"),
        ("sound.opus", "audio/ogg", *sound, "-c:a", "libopus"),
        ("flac.oga", "audio/ogg", *sound, "-c:a", "flac", "-f", "ogg"),
        ("speex.spx", "audio/ogg", *sound, "-ar", "16000", "-c:a", "libspeex"),
        ("sound.mp3", "audio/mpeg", *sound),
        ("bare.mp3", "audio/mpeg", *sound, "-write_xing", "0", "-id3v2_version", "0"),
        ("low.mp3", "audio/mpeg", *sound, "-ar", "16000", "-b:a", "24k"),
        ("sound.mp2", "audio/mpeg", *sound), ("sound.aac", "audio/aac", *sound, "-f", "adts"),
        ("sound.flac", "audio/flac", *sound), ("sound.wav", "audio/wav", *sound),
        ("large.wav", "audio/wav", *sound, "-rf64", "always"),
        ("sound.aiff", "audio/x-aiff", *sound),
        ("sound.caf", "audio/x-caf", *sound), ("sound.au", "audio/basic", *sound),
        ("sound.ac3", "audio/ac3", *sound), ("sound.wma", "audio/x-ms-wma", *sound),
        ("sound.wv", "audio/x-wavpack", *sound),
        ("sound.amr", "audio/amr", *sound, "-ar", "8000", "-ac", "1"),
        ("film.wmv", "video/x-ms-wmv", *both), ("film.avi", "video/vnd.avi", *both),
        ("film.flv", "video/x-flv", *both, "-c:v", "flv"),
        ("film.mpg", "video/mpeg", *both, "-r", "25"),
        ("film.vob", "video/mpeg", *both, "-r", "25"), ("film.ts", "video/mp2t", *both, *h264),
        ("film.m2ts", "video/mp2t", *both, *h264),
        ("film.swf", "application/x-shockwave-flash", *film),
        ("film.m1v", "video/mpeg", *film, "-r", "25"), ("animation.apng", "image/png", *film),
    ):  # fmt: skip
        run("ffmpeg", "-v", "error", "-y", *arguments, folder / name)
        yield name, right


def run(*command: object) -> None:
    subprocess.run(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )
