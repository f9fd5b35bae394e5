/// How a page looks, light or dark as the reader's system is.
enum PageStyle {
    static let text = """
        :root {
          color-scheme: light dark;
          --paper: #f6f7f9; --panel: #ffffff; --ink: #1b2330; --faint: #6a7484; --grid: #e3e7ed; --edge: #d5dae2;
          --wave: #3a5a8c; --other: #9aa5b5; --turn: #2f80c8; --wait: #a9c9e6; --speech: #2d9d6c; --end: #d1432f;
          --pause: #d98a1f; --chance: #7a4fc4; --clip: #e0245e; --cursor: #111722;
          --spectrum: #fbfcfe #c6d3ec #7f8fd0 #5a3f9e #1c0a38;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #12151b; --panel: #1a1f27; --ink: #e7ebf2; --faint: #93a0b4; --grid: #2a313d; --edge: #323a48;
            --wave: #86aee6; --other: #5d697b; --turn: #3f92dc; --wait: #2b4a6b; --speech: #3fb884; --end: #ff6f59;
            --pause: #f0aa48; --chance: #b292f0; --clip: #ff5c8d; --cursor: #ffffff;
            --spectrum: #0a0b10 #33165f #93296f #ee6a4c #fdf0b5;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 20px 24px 48px; max-width: 1800px; background: var(--paper); color: var(--ink);
          font: 14px/1.45 system-ui, sans-serif;
        }
        h1 { margin: 0 0 10px; font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
        a { color: var(--turn); }
        .facts { display: flex; flex-wrap: wrap; gap: 6px 26px; margin: 0 0 14px; }
        .facts dt { color: var(--faint); font-size: 12px; }
        .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
        .panel { background: var(--panel); border: 1px solid var(--edge); border-radius: 8px; padding: 10px 12px; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin-bottom: 10px; }
        .bar button {
          font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 6px;
          padding: 3px 12px; min-width: 36px; cursor: pointer;
        }
        .bar button:hover { border-color: var(--faint); }
        #play { min-width: 68px; }
        #clock { margin: 0 14px 0 6px; font-variant-numeric: tabular-nums; }
        .hint, .note { color: var(--faint); font-size: 12px; }
        .bar .hint { margin-left: auto; }
        canvas { display: block; width: 100%; touch-action: pan-y; }
        #overview { height: 44px; margin-bottom: 10px; cursor: ew-resize; }
        #plot { cursor: crosshair; user-select: none; }
        .plot { position: relative; }
        #tip {
          position: absolute; top: 58px; pointer-events: none; white-space: pre; background: var(--panel);
          border: 1px solid var(--edge); border-radius: 6px; padding: 5px 9px; font-size: 12px;
          font-variant-numeric: tabular-nums; box-shadow: 0 2px 8px #0003;
        }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0 48px; padding: 0; list-style: none; }
        .legend b { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 2px; }
        .legend .point { border-radius: 0; clip-path: polygon(0 0, 100% 0, 50% 100%); }
        .legend .up { border-radius: 0; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
        .legend .line { width: 2px; border-radius: 0; margin-right: 8px; }
        .scroll { overflow-x: auto; margin-top: 16px; padding: 0; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 4px 12px; text-align: right; white-space: nowrap; }
        th { color: var(--faint); font-weight: 500; font-size: 12px; border-bottom: 1px solid var(--edge); }
        th:first-child, td:first-child, td:last-child, th:last-child { text-align: left; }
        tr.turn td { border-top: 1px solid var(--grid); font-weight: 600; }
        tr.speech td:first-child { padding-left: 28px; color: var(--faint); }
        tr[data-from] { cursor: pointer; }
        tr[data-from]:hover td { background: var(--paper); }
        tr.now td { background: color-mix(in srgb, var(--speech) 16%, transparent); }
        tr[data-from] a { color: inherit; text-decoration: none; }
        td small { color: var(--faint); font-weight: 400; }

        """
}
