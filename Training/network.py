"""The detector's network, as `SpeechNetwork` in Swift computes it.

Each hop of 10 ms is pressed into EMBEDDING values.  Two hops make a step of a gated recurrent unit, whose state gives the
probability at the step's end; the hop in the middle of a step is judged by a small layer from its own values and the
state before.
"""
import numpy as np
import torch
from torch import nn

FEATURES = 108
EMBEDDING = 32
MIDDLE = 16
# What a call at 8 kHz does not have: the upper bands, their level, the mark of 16 kHz.
UPPER = list(range(96, 104)) + [106, 107]


class Network(nn.Module):
    def __init__(self, hidden, mean, deviation):
        super().__init__()
        self.register_buffer("mean", torch.tensor(np.asarray(mean), dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(np.asarray(deviation), dtype=torch.float32))
        self.embed = nn.Linear(FEATURES, EMBEDDING)
        self.recur = nn.GRU(2 * EMBEDDING, hidden, batch_first=True)
        self.end = nn.Linear(hidden, 1)
        self.middle = nn.Linear(EMBEDDING + hidden, MIDDLE)
        self.middle_end = nn.Linear(MIDDLE, 1)
        # While training only: noise on the features, in deviations, and the share of the embeddings that is left out.
        self.noise, self.left_out = 0.0, 0.0

    def forward(self, x, state=None):
        """x: (batch, hops, FEATURES), an even number of hops -> logits (batch, hops), the last state."""
        x = (x - self.mean) / self.deviation
        if self.training and self.noise:
            x = x + self.noise * torch.randn_like(x)
        e = torch.tanh(self.embed(x))
        if self.training and self.left_out:
            e = nn.functional.dropout(e, self.left_out)
        pairs = e.reshape(e.shape[0], e.shape[1] // 2, 2 * EMBEDDING)
        h, last = self.recur(pairs, state)
        first = torch.zeros_like(h[:, :1]) if state is None else state.transpose(0, 1)
        before = torch.cat([first, h[:, :-1]], 1)
        middle = torch.tanh(self.middle(torch.cat([pairs[:, :, :EMBEDDING], before], 2)))
        logits = torch.stack([self.middle_end(middle)[..., 0], self.end(h)[..., 0]], 2)
        return logits.reshape(x.shape[0], -1), last
