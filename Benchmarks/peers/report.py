"""Makes a table and a chart of what quality.py and cost.py found: table.md and chart.svg in the output folder.

    report.py OUTPUT [--note NOTE.md]

--note puts the table between the note's markers and the chart beside it.
"""
import argparse
import json
import math
import os
import platform
import re
import shutil
import subprocess

BEGIN, END = "<!-- bench-peers: written by scripts/bench-peers.sh --note -->", "<!-- bench-peers: end -->"
OURS = "Parley learned 8 kHz"


class Figures:
    """What was measured, and which of the corpus' sets each column is about."""

    def __init__(self, quality, cost):
        self.quality, self.cost = quality, cost
        sets = quality["sets"]
        known = [name for name in ("ten8", "ten16", "tel_clean", "tel_noisy") if name in sets]
        self.areas = [("set " + name, name) for name in known] or [("set " + name, name) for name in sets]
        self.speech = "set tel_noisy" if "tel_noisy" in sets else "all"
        self.clean = "set tel_clean" if "tel_clean" in sets else "all"
        if self.has("tel_noisy at 0 dB"):
            self.areas.append(("tel_noisy at 0 dB", "SNR 0 dB"))
        measured = [one["name"] for one in quality["detectors"] if "groups" in one]
        own = [name for name in measured if name.startswith("Parley")]
        self.baseline = OURS if OURS in measured else (own or measured)[0]

    def has(self, group):
        return any(group in one.get("groups", {}) for one in self.quality["detectors"])

    def us(self, name):
        return self.cost["detectors"].get(name, {}).get("us_per_20_ms", float("nan"))


def number(value, digits):
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def pair(a, b, off=0):
    return f"{number(a - off, 0)} / {number(b - off, 0)}"


def main_table(figures):
    rows = [["detector"] + [f"AUC {title}" for _, title in figures.areas] + [
        "onset ms p50 / p95",
        "false openings a minute",
        "missed %",
        "cut-ins of 100 turns",
        "end delay − W ms p50 / p95",
        "noise alone: false a minute, worst",
        "µs for 20 ms",
        "of it Python's call",
        "times " + ("ours" if figures.baseline == OURS else figures.baseline),
    ]]
    for one in figures.quality["detectors"]:
        name = one["name"]
        if "missing" in one:
            rows.append([name] + ["–"] * (len(rows[0]) - 1))
            continue
        groups = one["groups"]
        speech, clean = groups[figures.speech], groups[figures.clean]
        call = figures.cost["detectors"].get(name, {}).get("call_us")
        rows.append(
            [name]
            + [number(groups[group]["auc"], 3) if group in groups else "–" for group, _ in figures.areas]
            + [
                pair(speech["300"]["onset_p50_ms"], speech["300"]["onset_p95_ms"]),
                number(speech["300"]["false_per_minute"], 1),
                number(speech["300"]["missed_percent"], 1),
                number(speech["500"]["cut_ins_per_100"], 1),
                pair(clean["500"]["end_p50_ms"], clean["500"]["end_p95_ms"], off=500),
                noise(groups),
                number(figures.us(name), 2),
                "–" if call is None else number(call, 2),
                number(figures.us(name) / figures.us(figures.baseline), 1),
            ]
        )
    return rows


def noise(groups):
    if "no speech" not in groups:
        return "–"
    kinds = {name[5:]: one["300"]["false_per_minute"] for name, one in groups.items() if name.startswith("kind ")}
    worst = max(kinds, key=kinds.get)
    return f"{number(groups['no speech']['300']['false_per_minute'], 1)}, {worst} {number(kinds[worst], 1)}"


def missing(figures):
    detectors = figures.quality["detectors"]
    return [f"{one['name']} was not measured: {one['missing']}." for one in detectors if "missing" in one]


def area_table(figures):
    """The area on every set, and at every SNR: nothing left out."""
    measured = [one for one in figures.quality["detectors"] if "groups" in one]
    names = sorted(measured[0]["groups"], key=lambda name: (" at " in name, -snr(name), name))
    wanted = ["all"] + [name for name in names if (name.startswith("set ") and name != "set all") or " at " in name]
    wanted = [name for name in wanted if not all(math.isnan(one["groups"][name]["auc"]) for one in measured)]
    rows = [["AUC"] + [name.removeprefix("set ") for name in wanted]]
    for one in measured:
        rows.append([one["name"]] + [number(one["groups"][name]["auc"], 3) for name in wanted])
    return rows


def snr(group):
    """In dB; 0 for a group that is not of one SNR."""
    found = re.search(r" at (-?[0-9.]+) dB$", group)
    return float(found[1]) if found else 0.0


def markdown(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def context(figures):
    quality, cost = figures.quality, figures.cost
    versions = dict.fromkeys(one["version"] for one in quality["detectors"] if "version" in one)
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    swift = (re.search(r"Swift version (\S+)", swift) or ["", "unknown"])[1]
    before, after = cost["load"]
    text = f"""Machine: {processor()}, {os.cpu_count()} cores, {system()}; Swift {swift}, release; \
Python {platform.python_version()}. Versions: {'; '.join(versions)}. Corpus: {quality['clips']} clips, \
{quality['minutes']:.1f} minutes. Threshold 0.5 for all; onset, false openings (W 300 ms), missed turns and cut-ins (W \
500 ms) on {figures.speech.removeprefix('set ')}, end delay (W 500 ms) on {figures.clean.removeprefix('set ')}. Cost: \
core {', '.join(map(str, cost['cpus']))}, one thread, processor time, least of {cost['rounds']} rounds over \
{cost['seconds']:.0f} s of audio, load average {before:.2f} before and {after:.2f} after."""
    compared = [one for one in quality["detectors"] if "compared" in one]
    if compared:
        count = sum(one["compared"] for one in compared)
        largest = max(one["largest_difference"] for one in compared)
        text += f" The corpus' own scorer gave the same {count} figures (largest difference {largest:.0e})."
    return text


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return re.search(r"model name\s*: (.*)", file.read())[1]
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)


# ---- chart: cost to the right, quality upwards


WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 730, 60, 400


def chart(figures):
    group, title = next(((g, t) for g, t in figures.areas if t == "tel_noisy"), figures.areas[0])
    points = []
    for one in figures.quality["detectors"]:
        name, us = one["name"], figures.us(one["name"])
        if "groups" in one and not math.isnan(us) and not math.isnan(one["groups"][group]["auc"]):
            points.append((us, one["groups"][group]["auc"], name))
    low = math.floor(math.log10(min(us for us, *_ in points)) - 0.1)
    high = math.ceil(math.log10(max(us for us, *_ in points)) + 0.1)
    least = min(area for _, area, _ in points)
    steps = 20 if least < 0.9 else 100
    bottom = math.floor(least * steps - 0.2) / steps
    x = lambda us: LEFT + (math.log10(us) - low) / (high - low) * (RIGHT - LEFT)
    y = lambda area: BOTTOM - (area - bottom) / (1 - bottom) * (BOTTOM - TOP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        ' font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13" fill="#22303c">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfbf8"/>',
        f'<text x="{LEFT}" y="30" font-size="16" font-weight="600">Voice activity: quality against cost</text>',
        f'<text x="{LEFT}" y="48" fill="#5b6773">'
        f"area under the ROC curve on {title}; up and to the left is better</text>",
    ]
    for power in range(low, high + 1):
        for digit in (1, 2, 5):
            us = digit * 10**power
            if power == high and digit > 1:
                continue
            strength = "#d4d8d6" if digit == 1 else "#ecedea"
            lines.append(f'<path d="M{x(us):.1f} {TOP}V{BOTTOM}" stroke="{strength}"/>')
            lines.append(f'<text x="{x(us):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{us:g}</text>')
    for step in range(round((1 - bottom) * steps) + 1):
        area = bottom + step / steps
        lines.append(f'<path d="M{LEFT} {y(area):.1f}H{RIGHT}" stroke="#d4d8d6"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y(area) + 4:.1f}" text-anchor="end">{area:.2f}</text>')
    middle, below = (LEFT + RIGHT) / 2, BOTTOM + 42
    lines.append(f'<text x="{middle}" y="{below}" text-anchor="middle">µs for 20 ms of audio, one core</text>')
    taken = [(x(us) - 7, y(area) - 7, x(us) + 7, y(area) + 7) for us, area, _ in points]
    for us, area, name in sorted(points, key=lambda point: point[1], reverse=True):
        ours = name.startswith("Parley")
        colour = "#c2410c" if ours else "#33658a"
        label_x, label_y, anchor = place(x(us), y(area), name, taken)
        weight = ' font-weight="600"' if ours else ""
        lines.append(f'<circle cx="{x(us):.1f}" cy="{y(area):.1f}" r="6" fill="{colour}"/>')
        at = f'x="{label_x:.1f}" y="{label_y:.1f}" text-anchor="{anchor}"'
        # The same text under it in the colour of the ground keeps grid lines out of the letters.
        lines.append(f'<text {at} stroke="#fbfbf8" stroke-width="4"{weight}>{name}</text>')
        lines.append(f'<text {at} fill="{colour}"{weight}>{name}</text>')
    return "\n".join(lines + ["</svg>", ""])


def place(x, y, name, taken):
    """Where a label stands free: beside its point, else a little higher or lower; `taken` gets its box."""
    width = 7.6 * len(name)
    for shift in (0, -17, 17, -34, 34, 51, 68, 85):
        for side in (1, -1):
            left = x + 11 if side > 0 else x - 11 - width
            box = (left, y + shift - 8, left + width, y + shift + 8)
            if box[2] > WIDTH - 4 or box[0] < LEFT or box[1] < TOP - 6 or box[3] > BOTTOM:
                continue
            if all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in taken):
                taken.append(box)
                return (x + 11 if side > 0 else x - 11), y + shift + 4.5, ("start" if side > 0 else "end")
    return x + 11, y + 4.5, "start"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--note")
    a = parser.parse_args()
    read = lambda name: json.load(open(os.path.join(a.output, name)))
    figures = Figures(read("quality.json"), read("cost.json"))
    parts = [context(figures), markdown(main_table(figures)), *missing(figures), markdown(area_table(figures))]
    text = "\n\n".join(parts) + "\n"
    picture = os.path.join(a.output, "chart.svg")
    with open(os.path.join(a.output, "table.md"), "w") as file:
        file.write(text)
    with open(picture, "w") as file:
        file.write(chart(figures))
    print(text)
    if a.note:
        with open(a.note) as file:
            before, rest = file.read().split(BEGIN)
        after = rest.split(END)[1]
        drawn = os.path.splitext(a.note)[0] + ".svg"
        shutil.copyfile(picture, drawn)
        middle = f"\n{text}\n![Quality against cost]({os.path.basename(drawn)})\n\n"
        with open(a.note, "w") as file:
            file.write(before + BEGIN + middle + END + after)


if __name__ == "__main__":
    main()
