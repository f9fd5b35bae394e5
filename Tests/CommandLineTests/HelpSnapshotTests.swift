import Testing

/// The help as people see it, 80 columns wide. A change here is a change of the command line: review it as one.
@Suite struct HelpSnapshotTests {
    @Test func `The help of analyze reads as written here`() throws {
        let run = try Program.run("analyze", "--help")
        #expect(
            String(run.output.reversed().drop(while: \.isNewline).reversed()) == """
                OVERVIEW: Find speech and turns in recordings.

                Reads WAV, FLAC, Ogg Opus, AU, AIFF, W64 and CAF files, mono or stereo, 8 to
                48 kHz, or bare samples with --raw, and runs the detector and endpointer of
                a live call over them. Audio at 16 kHz and above is analysed at 16 kHz,
                other audio at 8 kHz. The file `-` is standard input.

                speech  a stretch of speech: start, end, and when it was known that somebody
                        speaks
                turn    an utterance, from its first speech to its last, and the endpoint:
                        where the engine would have taken the turn. The endpoint delay
                        counts from the end of the last speech.

                Of a stereo file channel 1 (left) is analysed unless --channel says
                otherwise: in a call recorded by parley that is the caller, channel 2
                (right) is the agent.

                Examples:
                  parley analyze call.wav
                  parley analyze --channel right call.wav
                  parley analyze --profile patient --format json calls/*.flac > turns.jsonl
                  parley analyze --frames call.wav > probabilities.csv
                  parley analyze --format csv --out results calls/*.wav
                  parley analyze --html call.html call.wav
                  parley analyze --html pages calls/*.wav
                  parley analyze --raw mulaw --rate 8000 call.ul
                  sox call.mp3 -t wav - | parley analyze -

                USAGE: parley analyze [<options>] <file> ...

                ARGUMENTS:
                  <file>                  Audio files; - is standard input.

                OPTIONS:
                  --raw <raw>             Read bare samples without a header. (values: mulaw,
                                          alaw, s16le)
                  --rate <hz>             Sample rate of bare samples, 8000 to 48000 (default:
                                          8000).
                  --raw-channels <count>  Channels of bare samples, interleaved: 1 or 2
                                          (default: 1).
                  --channel <channel>     left, right, 1, 2, or mix, the mean of both (default:
                                          left).
                  --detector <detector>   learned, the trained network, or rule, energy and
                                          spectrum weighed (default: learned). (values:
                                          learned, rule)
                  --profile <profile>     How soon a silence ends a turn: fast (300 ms),
                                          balanced (400 ms) or patient (700 ms). (values: fast,
                                          balanced, patient; default: balanced)
                  --endpoint-delay <ms>   The endpoint delay itself, instead of a profile's.
                  --format <format>       json is one object a file, each on a line (default:
                                          text). (values: text, json, csv)
                  --frames                Instead: time_s,probability rows, one for every step
                                          of the detector.
                  --out <dir>             Write one result file per input, named after it, into
                                          this folder.
                  --html <path>           Also write a page to look at and listen to in a
                                          browser: one file ending in .html, or for several
                                          recordings a folder.
                  --jobs <count>          Files analysed at once (default: one for every core).
                  -h, --help              Show help information.
                """)
    }
}
