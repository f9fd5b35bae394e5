"""python -m unittest discover Benchmarks/peers, in the environment that scripts/bench-peers.sh makes."""
import os
import tempfile
import unittest

import numpy as np
import soundfile

import corpus
import resample
import score


def clip(turns, seconds=5.0):
    turns = np.array(turns, float).reshape(-1, 2)
    return corpus.Clip("x", "", "all", seconds, turns, turns)


def rows(stretches, seconds=5.0, step=0.010):
    times = (np.arange(round(seconds / step)) + 1) * step
    values = np.zeros(len(times))
    for start, end in stretches:
        values[(times > start + 1e-9) & (times <= end + 1e-9)] = 1
    return times, values


class Score(unittest.TestCase):
    def test_area_counts_pairs_and_halves_of_equal_ones(self):
        random = np.random.default_rng(1)
        labels = random.random(500) < 0.4
        values = np.round(labels * 0.3 + random.random(500), 1)
        speech, other = values[labels][:, None], values[~labels]
        pairs = np.mean((speech > other) + (speech == other) / 2)
        self.assertAlmostEqual(score.area_under_roc(labels, values), pairs)

    def test_opens_after_60_ms_and_ends_after_the_window(self):
        figures = score.endpointing([(clip([(1, 2)]), *rows([(1, 2)]))], 0.5)
        self.assertAlmostEqual(figures["onset_p50_ms"], 60)
        self.assertAlmostEqual(figures["end_p50_ms"], 500)
        for name in ("missed_percent", "cut_ins_per_100", "false_per_minute"):
            self.assertEqual(figures[name], 0, name)

    def test_a_pause_longer_than_the_window_is_a_cut_in(self):
        heard = rows([(1, 1.4), (1.75, 2)])
        self.assertEqual(score.endpointing([(clip([(1, 2)]), *heard)], 0.3)["cut_ins_per_100"], 100)
        self.assertEqual(score.endpointing([(clip([(1, 2)]), *heard)], 0.5)["cut_ins_per_100"], 0)

    def test_openings_in_silence_are_false_and_short_ones_are_none(self):
        figures = score.endpointing([(clip([]), *rows([(1, 1.05), (2, 2.06), (3, 3.5)]))], 0.3)
        self.assertAlmostEqual(figures["false_per_minute"], 2 * 60 / 5)

    def test_a_turn_that_is_not_heard_is_missed(self):
        figures = score.endpointing([(clip([(1, 2), (3, 4)]), *rows([(1, 2)]))], 0.3)
        self.assertEqual(figures["missed_percent"], 50)

    def test_a_long_frame_speaks_for_all_its_audio(self):
        labels, values = score.frames(clip([(0.02, 0.06)], 0.08), *rows([(0, 0.04)], 0.08, 0.04))
        self.assertEqual(labels.tolist(), [0, 0, 1, 1, 1, 1, 0, 0])
        self.assertEqual(values.tolist(), [1, 1, 1, 1, 0, 0, 0, 0])


class Corpus(unittest.TestCase):
    def test_a_folder_of_recordings_with_labels_beside_them_is_a_corpus(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a", "b", "c"):
                soundfile.write(os.path.join(folder, name + ".wav"), np.zeros(44_100, np.int16), 44_100)
            with open(os.path.join(folder, "a.csv"), "w") as file:
                file.write("start_s,end_s,turn\n0.1,0.2,7\n0.3,0.4,7\n0.6,0.8,8\n")
            with open(os.path.join(folder, "b.labels.csv"), "w") as file:
                file.write("start_s,end_s\n0.1,0.2\n0.3,0.4\n")
            clips, unlabelled = corpus.load(folder)
        self.assertEqual(unlabelled, ["c"])
        self.assertEqual([(one.name, one.set, one.duration_s) for one in clips], [("a", "all", 1.0), ("b", "all", 1.0)])
        self.assertEqual(clips[0].turns.tolist(), [[0.1, 0.4], [0.6, 0.8]])
        self.assertEqual(clips[1].turns.tolist(), [[0.1, 0.2], [0.3, 0.4]])


class Resample(unittest.TestCase):
    def test_a_tone_keeps_its_place_in_time(self):
        for source, target in ((8_000, 16_000), (16_000, 8_000), (44_100, 16_000), (48_000, 8_000)):
            tone = lambda hz, count: 10_000 * np.sin(2 * np.pi * 700 * np.arange(count) / hz)
            result = resample.resample(tone(source, source).astype(np.int16), source, target)
            error = (result - tone(target, len(result)))[target // 50 : -target // 50]
            self.assertEqual(len(result), target)
            self.assertLess(np.sqrt(np.mean(error**2)), 10, f"{source} to {target}")


if __name__ == "__main__":
    unittest.main()
