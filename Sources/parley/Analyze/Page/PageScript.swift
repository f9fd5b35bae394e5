/// What makes a recording's page move: plain JavaScript, nothing is loaded.
///
/// The waveform's levels of detail and the spectrogram are made in the browser from the embedded sound, so that the
/// page carries each sample once and every zoom is sharp.
enum PageScript {
    static let text = data + drawing + control

    /// The sound, its least and greatest samples at several scales, and its spectrum.
    private static let data = #"""
        "use strict";
        const $ = id => document.getElementById(id);
        const report = JSON.parse($("report").textContent), page = JSON.parse($("page").textContent);
        const whole = Math.max(report.duration_s, 0.001), hop = page.hop_s, rate = page.rate_hz;

        function bytes(id) {
          const text = atob($(id).textContent), out = new Uint8Array(text.length);
          for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
          $(id).remove();
          return out;
        }

        // 16-bit samples; mu-law is expanded as ITU-T G.711 has it.
        function samples(id) {
          const raw = bytes(id);
          if (page.encoding !== "mulaw") return new Int16Array(raw.buffer);
          const table = new Int16Array(256);
          for (let code = 0; code < 256; code++) {
            const bits = ~code & 255, size = (((bits & 15) * 8 + 132) << (bits >> 4 & 7)) - 132;
            table[code] = bits & 128 ? -size : size;
          }
          return Int16Array.from(raw, code => table[code]);
        }

        // Least and greatest sample of every 64, 256, 1024 ... samples.
        function levelsOf(x) {
          const levels = [{ step: 1, low: x, high: x }];
          for (let factor = 64; levels.at(-1).low.length > 256; factor = 4) {
            const { step, low, high } = levels.at(-1), count = Math.ceil(low.length / factor);
            const next = { step: step * factor, low: new Int16Array(count), high: new Int16Array(count) };
            for (let i = 0; i < count; i++) {
              let a = 32767, b = -32768;
              for (let j = i * factor; j < Math.min(low.length, (i + 1) * factor); j++) {
                if (low[j] < a) a = low[j];
                if (high[j] > b) b = high[j];
              }
              next.low[i] = a;
              next.high[i] = b;
            }
            levels.push(next);
          }
          return levels;
        }

        // Least and greatest of the samples from `start` up to `end`; null beyond the sound.
        function extremes(levels, start, end) {
          let level = levels[0];
          for (const coarser of levels) if (coarser.step * 2 <= end - start) level = coarser;
          const last = Math.min(level.low.length, Math.ceil(end / level.step));
          let a = 32767, b = -32768;
          for (let i = Math.max(0, Math.floor(start / level.step)); i < last; i++) {
            if (level.low[i] < a) a = level.low[i];
            if (level.high[i] > b) b = level.high[i];
          }
          return a > b ? null : [a, b];
        }

        const probabilities = new Uint16Array(bytes("probabilities").buffer);
        const channels = page.channels.map((name, i) => {
          const x = samples("channel" + (i + 1));
          return { name, x, levels: levelsOf(x), analysed: page.analysed.includes(i) };
        });
        const heard = page.analysed.length === 1 ? channels[page.analysed[0]].x
          : channels[0].x.map((sample, i) => (sample + channels[1].x[i]) / 2);

        // The value that was the newest at a time: each comes out at the end of its hop.
        const hopAt = time => Math.floor(time / hop + 1e-6) - 1;
        const probabilityAt = time => probabilities[hopAt(time)] / 65535;

        // Adds the power of the 32 ms around sample `centre` to `power`: a Hann window and a transform of radix 2,
        // scaled so that a sine of full scale has power 1.
        const windowSize = rate > 8000 ? 512 : 256, bins = windowSize / 2;
        const hann = Float32Array.from({ length: windowSize }, (_, i) =>
          (1 - Math.cos(2 * Math.PI * (i + 0.5) / windowSize)) / (windowSize / 2) / 32768);
        const turns = Float32Array.from({ length: windowSize }, (_, i) => Math.cos(2 * Math.PI * i / windowSize));
        const bitCount = Math.log2(windowSize);
        const reversed = Uint16Array.from({ length: windowSize }, (_, i) => {
          let out = 0;
          for (let bit = 0; bit < bitCount; bit++) out |= (i >> bit & 1) << bitCount - 1 - bit;
          return out;
        });
        const re = new Float32Array(windowSize), im = new Float32Array(windowSize);
        function addPower(centre, power) {
          const start = Math.round(centre) - bins;
          for (let i = 0; i < windowSize; i++) {
            re[reversed[i]] = (heard[start + i] || 0) * hann[i];
            im[i] = 0;
          }
          for (let half = 1; half < windowSize; half *= 2) {
            const stride = bins / half;
            for (let k = 0; k < half; k++) {
              const c = turns[k * stride], s = turns[(k * stride + bins / 2) & windowSize - 1];
              for (let a = k; a < windowSize; a += 2 * half) {
                const b = a + half, x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] += x;
                im[a] += y;
              }
            }
          }
          for (let k = 0; k < bins; k++) power[k] += re[k] * re[k] + im[k] * im[k];
        }

        // What the endpointer said, and when.
        const began = new Set(report.turns.map(turn => turn.start_s));
        const marks = [];
        report.speech.forEach((speech, i) => {
          const kind = began.has(speech.start_s) ? "speechStarted" : "speechResumed";
          marks.push({ time: speech.decided_s, kind, since: speech.start_s, of: "its first sound" });
          marks.push({ time: page.pauses_s[i], kind: "speechProbablyEnded", since: speech.end_s, of: "its last sound" });
        });
        for (const turn of report.turns)
          marks.push({ time: turn.endpoint_s, kind: "speechEnded", since: turn.end_s, of: "the last sound", turn });

        """#

    /// The plots, from the top: overview; turns and speech, waveforms, spectrogram, probability, time.
    private static let drawing = #"""
        const plot = $("plot"), overview = $("overview"), left = 48, right = 8;
        const view = { from: 0, to: whole };
        let cursor = 0, pointer = null, colours = {}, ramp = [], width = 0, isDue = false;

        const rows = [{ kind: "lanes", height: 54 }]
          .concat(channels.map(channel => ({ kind: "wave", height: channels.length > 1 ? 76 : 100, channel })))
          .concat([{ kind: "spectrogram", height: 140 }, { kind: "probability", height: 100 }]);
        let plotHeight = 0;
        for (const row of rows) {
          row.top = plotHeight;
          plotHeight += row.height + 8;
        }
        const plotEnd = plotHeight - 8;
        plotHeight += 18;

        const xAt = time => left + (time - view.from) / (view.to - view.from) * (width - left - right);
        const timeAt = x => view.from + (x - left) / (width - left - right) * (view.to - view.from);

        function readColours() {
          const style = getComputedStyle(document.documentElement);
          const names = ["ink", "faint", "grid", "panel", "wave", "other", "turn", "wait", "speech", "end", "pause",
            "chance", "clip", "cursor"];
          for (const name of names) colours[name] = style.getPropertyValue("--" + name).trim();
          const stops = style.getPropertyValue("--spectrum").trim().split(/\s+/)
            .map(hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)));
          ramp = Array.from({ length: 256 }, (_, i) => {
            const place = i / 255 * (stops.length - 1), stop = Math.min(stops.length - 2, Math.floor(place));
            return stops[stop].map((part, c) => part + (stops[stop + 1][c] - part) * (place - stop));
          });
          spectrogram.view = "";
        }

        function context(canvas, height) {
          const scale = window.devicePixelRatio || 1, pixels = Math.round(width * scale);
          if (canvas.width !== pixels || canvas.height !== Math.round(height * scale)) {
            canvas.width = pixels;
            canvas.height = Math.round(height * scale);
            canvas.style.height = height + "px";
          }
          const g = canvas.getContext("2d");
          g.setTransform(scale, 0, 0, scale, 0, 0);
          g.clearRect(0, 0, width, height);
          g.font = "11px system-ui, sans-serif";
          return g;
        }

        function label(g, text, y, align = "right", x = left - 6) {
          g.fillStyle = colours.faint;
          g.textAlign = align;
          g.textBaseline = "middle";
          g.fillText(text, x, y);
        }

        // The loudest sample decides the scale, so that quiet calls are seen too; no louder than 32 times.
        const fullScale = Math.max(1024, ...channels.map(({ x, levels }) => {
          const [a, b] = extremes(levels, 0, x.length) || [0, 0];
          return Math.max(-a, b);
        })) / 32768;

        function drawWave(g, channel, top, height, from, to, x0, x1) {
          const step = (to - from) / (x1 - x0), middle = top + height / 2, unit = height / 2 / fullScale / 32768;
          const colour = channel.analysed ? colours.wave : colours.other;
          for (let x = x0; x < x1; x++) {
            const start = Math.floor((from + (x - x0) * step) * rate);
            const end = Math.max(start + 2, Math.ceil((from + (x + 1 - x0) * step) * rate));
            const found = extremes(channel.levels, start, end);
            if (!found) continue;
            g.fillStyle = found[0] <= -32767 || found[1] >= 32767 ? colours.clip : colour;
            const y = middle - found[1] * unit;
            g.fillRect(x, y - 0.5, 1, Math.max(1, (found[1] - found[0]) * unit + 1));
          }
        }

        function span(g, from, to, top, height, colour, least = 1) {
          const a = Math.max(left, xAt(from)), b = Math.min(width - right, Math.max(xAt(to), xAt(from) + least));
          g.fillStyle = colour;
          if (b > a) g.fillRect(a, top, b - a, height);
        }

        function drawLanes(g, { top }) {
          label(g, "turns", top + 13);
          label(g, "speech", top + 40);
          for (const turn of report.turns) {
            span(g, turn.start_s, turn.end_s, top + 4, 18, colours.turn);
            span(g, turn.end_s, turn.endpoint_s, top + 9, 8, colours.wait);
          }
          for (const speech of report.speech) span(g, speech.start_s, speech.end_s, top + 33, 14, colours.speech);
          const seen = marks.filter(mark => mark.time >= view.from && mark.time <= view.to);
          const isCrowded = seen.length * 14 > width;
          for (const mark of seen) if (mark.kind === "speechEnded" || !isCrowded) drawMark(g, mark, top);
        }

        function drawMark(g, mark, top) {
          const x = xAt(mark.time), isEnd = mark.kind === "speechEnded";
          g.fillStyle = isEnd ? colours.end : mark.kind === "speechProbablyEnded" ? colours.pause : colours.ink;
          if (isEnd) {
            g.fillRect(x - 1, top + 2, 2, 22);
            return;
          }
          g.beginPath();
          const up = mark.kind === "speechProbablyEnded" ? 1 : -1, y = top + 40 - 9 * up;
          g.moveTo(x, top + 40 + 4 * up);
          g.lineTo(x - 4, y);
          g.lineTo(x + 4, y);
          g.fill();
        }

        function drawSound(g, { top, height, channel }) {
          const middle = top + height / 2;
          if (channel.analysed) {
            g.globalAlpha = 0.16;
            for (const speech of report.speech) span(g, speech.start_s, speech.end_s, top, height, colours.speech);
            g.globalAlpha = 1;
          }
          g.fillStyle = colours.grid;
          g.fillRect(left, middle, width - left - right, 1);
          drawWave(g, channel, top, height, view.from, view.to, left, width - right);
          label(g, (fullScale > 0.995 ? 1 : fullScale.toPrecision(2)) + "", top + 6);
          label(g, "0", middle);
          if (channels.length === 1) return;
          const name = channel.name + (channel.analysed ? ", analysed" : "");
          g.fillStyle = colours.panel;
          g.fillRect(left + 1, top + 1, g.measureText(name).width + 9, 15);
          label(g, name, top + 8, "left", left + 5);
        }

        // The picture of one view; another view shows it stretched until its own is ready.
        const spectrogram = { image: document.createElement("canvas"), view: "", from: 0, to: 1, timer: 0, run: 0 };
        const top_dB = Math.round(20 * Math.log10(Math.max(fullScale, 0.01))) - 14, bottom_dB = top_dB - 66;

        function makeSpectrogram(wanted) {
          const run = ++spectrogram.run, { from, to } = view, columns = Math.max(1, Math.floor(width - left - right));
          const image = document.createElement("canvas");
          image.width = columns;
          image.height = bins;
          const g = image.getContext("2d"), pixels = g.createImageData(columns, bins);
          const step = (to - from) / columns * rate, looks = Math.max(1, Math.min(4, Math.ceil(step / windowSize)));
          const power = new Float32Array(bins);
          let column = 0;
          const work = () => {
            if (run !== spectrogram.run) return;
            const until = performance.now() + 14;
            for (; column < columns && performance.now() < until; column++) {
              power.fill(0);
              const start = from * rate + column * step;
              for (let look = 0; look < looks; look++) addPower(start + (look + 0.5) * step / looks, power);
              for (let k = 0; k < bins; k++) {
                const level = 10 * Math.log10(power[k] / looks + 1e-14);
                const place = Math.max(0, Math.min(255, Math.round((level - bottom_dB) / (top_dB - bottom_dB) * 255)));
                const at = 4 * ((bins - 1 - k) * columns + column);
                pixels.data.set(ramp[place], at);
                pixels.data[at + 3] = 255;
              }
            }
            if (column < columns) return void setTimeout(work);
            g.putImageData(pixels, 0, 0);
            Object.assign(spectrogram, { image, from, to, view: wanted });
            redraw();
          };
          work();
        }

        function drawSpectrogram(g, { top, height }) {
          const wanted = [view.from, view.to, width].join();
          if (wanted !== spectrogram.view && wanted !== spectrogram.wanted) {
            spectrogram.wanted = wanted;
            clearTimeout(spectrogram.timer);
            spectrogram.timer = setTimeout(makeSpectrogram, spectrogram.view ? 60 : 0, wanted);
          }
          g.save();
          g.beginPath();
          g.rect(left, top, width - left - right, height);
          g.clip();
          g.fillStyle = "rgb(" + ramp[0].map(Math.round).join() + ")";
          g.fillRect(left, top, width, height);
          const a = xAt(spectrogram.from), b = xAt(spectrogram.to);
          g.drawImage(spectrogram.image, a, top, b - a, height);
          g.restore();
          for (let part = 0; part <= 4; part++) {
            const y = top + height * (1 - part / 4);
            label(g, rate / 8000 * part + (part === 4 ? " kHz" : ""), Math.max(top + 6, Math.min(top + height - 5, y)));
          }
        }

        function drawProbability(g, { top, height }) {
          const yOf = value => top + height * (1 - value);
          label(g, "1", top + 6);
          label(g, "0", top + height - 5);
          for (const value of [page.open_threshold, page.close_threshold]) {
            label(g, value + "", yOf(value));
            g.fillStyle = colours.faint;
            for (let x = left; x < width - right; x += 6) g.fillRect(x, yOf(value), Math.min(3, width - right - x), 1);
          }
          const step = (view.to - view.from) / (width - left - right);
          let last = null;
          for (let x = left; x < width - right; x++) {
            const time = view.from + (x - left) * step, first = hopAt(time), end = Math.max(first + 1, hopAt(time + step));
            let a = 65535, b = -1;
            for (let i = Math.max(0, first); i < Math.min(end, probabilities.length); i++) {
              if (probabilities[i] < a) a = probabilities[i];
              if (probabilities[i] > b) b = probabilities[i];
            }
            if (b < 0) continue;
            g.fillStyle = colours.chance;
            g.globalAlpha = 0.25;
            g.fillRect(x, yOf(b / 65535), 1, height * b / 65535);
            g.globalAlpha = 1;
            const high = Math.max(b, last ? last[0] : b), low = Math.min(a, last ? last[1] : a);
            g.fillRect(x, yOf(high / 65535) - 0.75, 1, height * (high - low) / 65535 + 1.5);
            last = [a, b];
          }
        }

        const clockText = (time, digits = 3) => {
          const unit = 10 ** digits, rounded = Math.round(time * unit) / unit;
          return Math.floor(rounded / 60) + ":" + (rounded % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
        };

        function drawTime(g) {
          const perTick = (view.to - view.from) / Math.max(1, (width - left - right) / 90);
          const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800]
            .find(step => step >= perTick) || 3600;
          for (let i = Math.ceil(view.from / step); i * step <= view.to + 1e-9; i++) {
            const x = xAt(i * step);
            g.fillStyle = colours.grid;
            g.fillRect(x, 0, 1, plotEnd + 4);
            label(g, clockText(i * step, step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0), plotEnd + 14,
              x < left + 20 ? "left" : x > width - right - 20 ? "right" : "center", x);
          }
        }

        function drawLine(g, time, colour, height = plotEnd) {
          if (time < view.from || time > view.to) return;
          g.fillStyle = colour;
          g.fillRect(xAt(time) - 0.75, 0, 1.5, height);
        }

        function drawOverview() {
          const g = context(overview, 44), x = time => left + time / whole * (width - left - right);
          g.globalAlpha = 0.3;
          g.fillStyle = colours.turn;
          for (const turn of report.turns) g.fillRect(x(turn.start_s), 0, Math.max(1, x(turn.end_s) - x(turn.start_s)), 44);
          g.globalAlpha = 1;
          label(g, "whole", 22);
          for (const channel of channels) if (channel.analysed) drawWave(g, channel, 2, 40, 0, whole, left, width - right);
          g.fillStyle = colours.panel;
          g.globalAlpha = 0.65;
          g.fillRect(left, 0, x(view.from) - left, 44);
          g.fillRect(x(view.to), 0, width - right - x(view.to), 44);
          g.globalAlpha = 1;
          g.strokeStyle = colours.ink;
          g.strokeRect(x(view.from) + 0.5, 0.5, Math.max(2, x(view.to) - x(view.from) - 1), 43);
          g.fillStyle = colours.cursor;
          g.fillRect(x(cursor) - 0.75, 0, 1.5, 44);
        }

        function draw() {
          isDue = false;
          width = plot.parentElement.clientWidth;
          if (width < left + right + 20) return;
          if (!audio.paused) follow();
          drawOverview();
          const g = context(plot, plotHeight);
          drawTime(g);
          for (const row of rows) {
            if (row.kind !== "lanes") {
              g.strokeStyle = colours.grid;
              g.strokeRect(left - 0.5, row.top - 0.5, width - left - right + 1, row.height + 1);
            }
            ({ lanes: drawLanes, wave: drawSound, spectrogram: drawSpectrogram, probability: drawProbability })[row.kind](g, row);
          }
          const ends = report.turns.filter(turn => turn.endpoint_s >= view.from && turn.endpoint_s <= view.to).length;
          g.globalAlpha = Math.max(0.15, Math.min(0.55, width / 40 / Math.max(1, ends)));
          for (const turn of report.turns) drawLine(g, turn.endpoint_s, colours.end);
          g.globalAlpha = 1;
          if (pointer !== null) drawLine(g, timeAt(pointer), colours.faint);
          drawLine(g, cursor, colours.cursor);
          showNumbers();
        }

        function redraw() {
          if (!isDue) requestAnimationFrame(draw);
          isDue = true;
        }

        """#

    /// What the pointer, the keys, the buttons, the address and the sound do.
    private static let control = #"""
        function soundFile() {
          const count = channels[0].x.length, wide = channels.length, out = new DataView(new ArrayBuffer(44 + 2 * wide * count));
          const fields = [0x46464952, 36 + 2 * wide * count, 0x45564157, 0x20746d66, 16, wide << 16 | 1, rate, 2 * wide * rate,
            16 << 16 | 2 * wide, 0x61746164, 2 * wide * count];
          fields.forEach((value, i) => out.setUint32(4 * i, value, true));
          const body = new Int16Array(out.buffer, 44);
          channels.forEach(({ x }, c) => { for (let i = 0; i < count; i++) body[i * wide + c] = x[i]; });
          return new Blob([out], { type: "audio/wav" });
        }
        const audio = new Audio(URL.createObjectURL(soundFile()));
        audio.preload = "auto";

        function show(from, to) {
          const wide = Math.min(whole, Math.max(0.02, to - from));
          view.from = Math.max(0, Math.min(whole - wide, from));
          view.to = view.from + wide;
          clearTimeout(show.timer);
          show.timer = setTimeout(remember, 200);
          redraw();
        }
        const zoom = (factor, at) => show(at - (at - view.from) * factor, at + (view.to - at) * factor);
        const pan = seconds => show(view.from + seconds, view.to + seconds);
        const centre = () => cursor >= view.from && cursor <= view.to ? cursor : (view.from + view.to) / 2;

        function seek(time) {
          cursor = Math.max(0, Math.min(report.duration_s, time));
          audio.currentTime = cursor;
          redraw();
        }
        // While it plays, the view turns over like a page.
        function follow() {
          const last = cursor;
          cursor = Math.min(audio.currentTime, report.duration_s);
          const wide = view.to - view.from;
          if (last <= view.to && cursor > view.to && cursor - last < wide) show(cursor - wide * 0.05, cursor + wide * 0.95);
          redraw();
        }
        function play() {
          if (!audio.paused) return audio.pause();
          if (cursor >= report.duration_s - 0.01) seek(0);
          audio.play().catch(() => {});
        }
        audio.onplay = audio.onpause = audio.onended = () => {
          $("play").textContent = audio.paused ? "Play" : "Pause";
          redraw();
        };

        // An address that ends in #t=3.2,5 shows 3.2 to 5 s; #t=3.2 what is around 3.2 s.
        function recall() {
          const found = /^#t=([\d.]+)(?:,([\d.]+))?$/.exec(location.hash);
          if (!found) return;
          const from = Number(found[1]), to = found[2] === undefined ? NaN : Number(found[2]);
          if (to > from) show(from, to); else show(from - 2, from + 3);
          seek(from);
        }
        function remember() {
          const isAll = view.to - view.from >= whole, hash = "#t=" + [view.from, view.to].map(time => +time.toFixed(3)).join();
          try { history.replaceState(null, "", isAll ? location.pathname + location.search : hash); } catch { /* not here */ }
        }

        const near = (mark, x) => Math.abs(xAt(mark.time) - x) < 5;
        function words(x) {
          const time = timeAt(x), lines = [clockText(time) + "  " + time.toFixed(3) + " s"];
          if (hopAt(time) >= 0 && hopAt(time) < probabilities.length) lines.push("probability " + probabilityAt(time).toFixed(3));
          for (const s of report.speech)
            if (s.start_s <= time && time < s.end_s) lines.push(`speech ${s.start_s.toFixed(3)} - ${s.end_s.toFixed(3)} s`);
          for (const t of report.turns)
            if (t.start_s <= time && time < t.endpoint_s) lines.push(`turn ${t.start_s.toFixed(3)} - ${t.end_s.toFixed(3)} s`);
          for (const mark of marks.filter(mark => near(mark, x)).slice(0, 4)) {
            const late = Math.round((mark.time - mark.since) * 1000);
            lines.push(`${mark.kind} at ${mark.time.toFixed(3)} s, ${late} ms after ${mark.of}`);
          }
          return lines.join("\n");
        }
        function showNumbers() {
          $("clock").textContent = clockText(cursor) + " / " + clockText(report.duration_s);
          const tip = $("tip");
          tip.hidden = pointer === null;
          if (pointer !== null) {
            tip.textContent = words(pointer);
            tip.style.left = (pointer > width / 2 ? pointer - tip.offsetWidth - 12 : pointer + 12) + "px";
          }
          for (const row of tableRows) row.classList.toggle("now", cursor >= row.dataset.from && cursor < row.dataset.to);
        }
        const tableRows = [...document.querySelectorAll("tr[data-from]")];
        for (const row of tableRows) {
          row.onclick = event => {
            event.preventDefault();
            const from = Number(row.dataset.from), to = Number(row.dataset.to), wide = view.to - view.from;
            if (to - from > wide) show(from - 0.5, to + 0.5);
            else if (from < view.from || to > view.to) show((from + to - wide) / 2, (from + to + wide) / 2);
            seek(from);
          };
        }

        function onDrag(canvas, begin) {
          canvas.onpointerdown = event => {
            if (event.button !== 0) return;
            const start = event.offsetX, drag = begin(start);
            let moved = false;
            canvas.setPointerCapture(event.pointerId);
            canvas.onpointermove = event => {
              moved ||= Math.abs(event.offsetX - start) > 3;
              if (moved) drag.move(event.offsetX);
            };
            canvas.onpointerup = canvas.onpointercancel = event => {
              canvas.onpointermove = canvas.onpointerup = canvas.onpointercancel = null;
              if (!moved && event.type === "pointerup") drag.click(start);
            };
          };
        }
        onDrag(plot, start => {
          const { from, to } = view, perPixel = (to - from) / (width - left - right);
          return { move: x => show(from - (x - start) * perPixel, to - (x - start) * perPixel), click: x => seek(timeAt(x)) };
        });
        onDrag(overview, start => {
          const at = x => Math.max(0, Math.min(whole, (x - left) / (width - left - right) * whole)), { from, to } = view;
          const isInside = at(start) >= from && at(start) <= to && to - from < whole, half = (to - from) / 2;
          return {
            move: x => isInside ? show(from + at(x) - at(start), to + at(x) - at(start))
              : show(Math.min(at(x), at(start)), Math.max(at(x), at(start))),
            click: x => { show(at(x) - half, at(x) + half); seek(at(x)); },
          };
        });
        plot.addEventListener("pointermove", event => {
          pointer = event.offsetX >= left && event.offsetX <= width - right ? event.offsetX : null;
          redraw();
        });
        plot.onpointerleave = () => { pointer = null; redraw(); };
        plot.addEventListener("wheel", event => {
          const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
          const isWhole = view.to - view.from >= whole;
          if (isWhole && (sideways || event.deltaY > 0)) return;
          event.preventDefault();
          const wide = view.to - view.from, lines = event.deltaMode === 1 ? 33 : 1;
          if (sideways) pan(sideways * lines * wide / width);
          else zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * lines / 300))), timeAt(event.offsetX));
        }, { passive: false });

        const keys = {
          " ": play, "+": () => zoom(0.5, centre()), "=": () => zoom(0.5, centre()), "-": () => zoom(2, centre()),
          "0": () => show(0, whole), Home: () => seek(0), End: () => seek(report.duration_s),
          ArrowLeft: () => seek(cursor - 1), ArrowRight: () => seek(cursor + 1),
        };
        document.onkeydown = event => {
          if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
          event.preventDefault();
          keys[event.key]();
          if (cursor < view.from || cursor > view.to) show(cursor - (view.to - view.from) / 2, cursor + (view.to - view.from) / 2);
        };
        $("play").onclick = play;
        $("closer").onclick = () => zoom(0.5, centre());
        $("wider").onclick = () => zoom(2, centre());
        $("all").onclick = () => show(0, whole);
        for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => button.blur());
        window.onhashchange = recall;
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
        new ResizeObserver(redraw).observe(plot.parentElement);
        $("range").textContent = `spectrogram: ${bottom_dB} to ${top_dB} dBFS`;
        readColours();
        recall();
        redraw();
        """#
}
