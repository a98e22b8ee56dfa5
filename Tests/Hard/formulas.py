# SPDX-License-Identifier: GPL-3.0-or-later
"""Training as its formulas say, in double precision and without any art: what `reference.py` holds chartrain against.

The cell is that of Hochreiter and Schmidhuber (1997) with the forget gate of Gers (2000), or with input gates coupled to
it (Greff and others 2017), Adam that of Kingma and Ba (2015) with the decay of Loshchilov (2019), RMSProp that of
TensorFlow.js, the random numbers Philox4x32-10 of Salmon and others (2011). Nothing here is shared with the programs;
the order of batches and masks is what their sources say.

T steps, B rows, V characters, H units; losses in nats. A chunk is inputs [T, B], the places of the targets, those
targets, which of them are charged, and two arrays [T, B, 1] that are 0 or 1: `keep` where what was before is known, and
`read` where anything was, for nothing is before the first character of a text in a charset without a newline.
"""
import collections
import numpy as np

Chunk = collections.namedtuple("Chunk", "inputs decoded targets charged keep read carries")
End = collections.namedtuple("End", "step values nats")


def philox(counter, stream, key):
    """Four arrays of 32-bit words for an array of counters and one of streams, as 64-bit numbers."""
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    counter, stream = np.broadcast_arrays(np.asarray(counter, np.uint64), np.asarray(stream, np.uint64))
    c = [counter & low, counter >> high, stream & low, stream >> high]
    k = [np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [b >> high ^ c[1] ^ k[0], b & low, a >> high ^ c[3] ^ k[1], a & low]
        k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return c


class Dice:
    """The random numbers that choose batches: stream 2 of the seed."""

    def __init__(self, seed):
        self.seed, self.drawn = seed, 0

    def below(self, bound):
        while True:
            words = [int(word) for word in philox(self.drawn // 2, 2, self.seed)]
            bits = words[2] | words[3] << 32 if self.drawn % 2 else words[0] | words[1] << 32
            self.drawn += 1
            if bits * bound % 2**64 >= 2**64 % bound:
                return bits * bound >> 64


def bfloat16(x):
    """x rounded to eight bits of fraction and sign, halves to even."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)).view(np.float32).astype(float)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def cross_entropy(logits, targets):
    """Losses [n], and probabilities [n, V]."""
    logits = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(logits)
    total = e.sum(axis=1)
    return np.log(total) - logits[np.arange(len(targets)), targets], e / total[:, None]


class Network:
    """Parameters by name: w0, r0, b0 of each layer (input, recurrent, bias; gates i, f, g, o), w and b of the decoder.

    With `rounded`, what enters a product of two matrices is a bfloat16. With `coupled`, i is 1 - f.
    """

    def __init__(self, parameters, layers, coupled, rounded=False):
        self.p, self.layers, self.coupled = parameters, layers, coupled
        self.q = bfloat16 if rounded else lambda x: x

    def zero_state(self, rows):
        return [(np.zeros((rows, size)), np.zeros((rows, size))) for size in self.layers]

    def forward(self, chunk, state, masks=None):
        """What each layer computed: what it read, gates, cells and outputs, and the state it leaves."""
        p, q, trace, left = self.p, self.q, [], []
        read = None
        for k, size in enumerate(self.layers):
            h, c = state[k]
            steps = []
            for t, ids in enumerate(chunk.inputs):
                h, c = h * chunk.keep[t], c * chunk.keep[t]
                x = p[f"w{k}"].T[ids] if k == 0 else q(read[t]) @ q(p[f"w{k}"]).T
                a = x + q(h) @ q(p[f"r{k}"]).T + p[f"b{k}"]
                i, f, g, o = (a[:, n * size:(n + 1) * size] for n in range(4))
                f, g, o = sigmoid(f), np.tanh(g), sigmoid(o)
                i = 1 - f if self.coupled else sigmoid(i)
                before, c = c, f * c + i * g
                steps.append((h, before, i, f, g, o, np.tanh(c)))
                h = o * np.tanh(c)
            trace.append((read, steps))
            left.append((h, c))
            read = [step[5] * step[6] for step in steps]
            if masks is not None:
                read = [out * mask for out, mask in zip(read, masks[k])]
        return trace, read * chunk.read, left

    def logits(self, vectors):
        return self.q(vectors) @ self.q(self.p["w"]).T + self.p["b"]

    def gradients(self, chunk, state, masks=None):
        """Losses [decoded B] before the update, its gradients, and the state that goes on."""
        p, q = self.p, self.q
        trace, top, left = self.forward(chunk, state, masks)
        read = np.concatenate([top[t] for t in chunk.decoded])
        losses, d = cross_entropy(self.logits(read), chunk.targets)
        d[np.arange(len(d)), chunk.targets] -= 1
        d *= chunk.charged[:, None] / len(d)
        out = {"w": q(d).T @ q(read), "b": d.sum(axis=0)}
        above = np.zeros((len(chunk.inputs), *top[0].shape))
        above[chunk.decoded.start:] = (q(d) @ q(p["w"])).reshape(len(chunk.decoded), *top[0].shape)
        above *= chunk.read
        for k in reversed(range(len(self.layers))):
            if masks is not None:
                above = above * masks[k]
            below, steps = trace[k]
            w, r, b = (np.zeros_like(p[f"{name}{k}"]) for name in "wrb")
            down, dh, dc = [], 0, 0
            for t in reversed(range(len(steps))):
                h, before, i, f, g, o, tanh_c = steps[t]
                dh = above[t] + dh
                dc = dh * o * (1 - tanh_c**2) + dc
                di, df = dc * g * i * (1 - i), dc * before * f * (1 - f)
                if self.coupled:
                    di, df = np.zeros_like(di), df - di
                a = np.concatenate([di, df, dc * i * (1 - g**2), dh * tanh_c * o * (1 - o)], axis=1)
                r += q(a).T @ q(h)
                b += a.sum(axis=0)
                if k == 0:
                    np.add.at(w.T, chunk.inputs[t], a)
                else:
                    w += q(a).T @ q(below[t])
                    down.insert(0, q(a) @ q(p[f"w{k}"]))
                dh, dc = q(a) @ q(p[f"r{k}"]) * chunk.keep[t], dc * f * chunk.keep[t]
            out |= {f"w{k}": w, f"r{k}": r, f"b{k}": b}
            above = np.array(down)
        return losses, out, left


class Text:
    """Ids with the places at which documents begin, and the id that is read before a text, or None."""

    def __init__(self, ids, beginnings, newline):
        self.ids, self.beginnings, self.newline = np.array(ids), list(beginnings), newline

    def chunk(self, places):
        """What is read to tell the characters at `places` [T, B], each from the one before it."""
        begins = np.isin(places, self.beginnings + [0])[:, :, None]
        after = np.isin(places - 1, self.beginnings + [0])[:, :, None]
        inputs, keep, read = self.ids[places - 1], 1.0 - begins, np.ones(begins.shape)
        if self.newline is not None:
            inputs = np.where(begins[:, :, 0], self.newline, inputs)
        else:
            keep, read = 1.0 - after, 1.0 - begins
        targets = self.ids[places].ravel()
        return Chunk(inputs, range(len(places)), targets, np.ones(len(targets)), keep, read, True)

    def windows(self, starts, length):
        """Windows that are told nothing but themselves; one that another text follows has nothing to tell."""
        places = starts + np.arange(length + 1)[:, None]
        begins = np.isin(places, self.beginnings)
        keep = np.where(begins[:length] & (np.arange(length) > 0)[:, None], 0.0, 1.0)[:, :, None]
        return Chunk(self.ids[places[:length]], range(length - 1, length), self.ids[places[length]],
                     1.0 - begins[length], keep, np.ones(keep.shape), False)

    def loss(self, network, first, options):
        """The mean loss of what is held out, from `first` on, read as a text of its own."""
        if options["objective"] == "last":
            length = min(options["length"], len(self.ids) - first - 1)
            if length < 1:
                return None
            chunk = self.windows(np.arange(first, len(self.ids) - length, options["sample_step"]), length)
            top = network.forward(chunk, network.zero_state(chunk.inputs.shape[1]))[1][-1]
            losses = cross_entropy(network.logits(top), chunk.targets)[0]
            return (losses * chunk.charged).sum() / chunk.charged.sum() if chunk.charged.any() else None
        rest = Text(self.ids[first:], [place - first for place in self.beginnings if place > first], self.newline)
        chunk = rest.chunk(np.arange(len(rest.ids))[:, None])
        top = network.forward(chunk, network.zero_state(1))[1]
        return cross_entropy(network.logits(np.concatenate(top)), chunk.targets)[0].mean()


def epochs(text, count, options):
    """Of each epoch over the first `count` characters: how many chunks it has, and a function that gives one.

    It takes the number of the chunk and whether several shall be taken as one, and gives the number after it too.
    """
    dice = Dice(options["seed"])
    if options["objective"] == "last":
        length, step, rows = min(options["length"], count - 1), options["sample_step"], options["batch"]
        every, order = -(-(count - length) // step), []
        for _ in range(options["epochs"]):
            chunks = []
            for _ in range(-(-options["examples"] // rows)):
                starts = []
                while len(starts) < rows:
                    if not order:
                        order = list(range(every))
                        for n in range(every - 1):
                            other = n + dice.below(every - n)
                            order[n], order[other] = order[other], order[n]
                    starts.append(order.pop(0) * step)
                chunks.append(text.windows(np.array(starts), length))
            yield len(chunks), lambda first, together, chunks=chunks: (chunks[first], first + 1)
        return
    early = min(options["early"], options["length"])
    first = 0 if text.newline is not None else 1
    rows = min(options["batch"], max(1, (count - first) // early))
    length, rest = divmod(count - first, rows)
    pieces = -(-length // early)
    for _ in range(options["epochs"]):
        begin = first + dice.below(rest + 1) + np.arange(rows) * length

        def chunk(piece, together, begin=begin):
            end = min(piece + (options["length"] // early if together else 1), pieces)
            steps = np.arange(length * piece // pieces, length * end // pieces)
            return text.chunk(begin + steps[:, None]), end
        yield pieces, chunk


def dropout_masks(layers, shape, step, options):
    """Masks [T, B, H] of each layer at an update: sixteen bits of a random block of eight for each element."""
    part = options["dropout"]
    if not part:
        return None
    steps, rows = shape
    key = options["seed"] ^ 0xD0D15EEDA11C0DE5
    masks = []
    for k, size in enumerate(layers):
        streams = (step << 32) + (k * steps + np.arange(steps)[:, None]) * rows + np.arange(rows)
        words = philox(np.arange(-(-size // 8)), streams[:, :, None], key)
        halves = np.stack([word >> np.uint64(shift) & np.uint64(0xFFFF) for word in words for shift in (0, 16)], -1)
        draws = halves.reshape(steps, rows, -1)[:, :, :size]
        masks.append(np.where(draws < int(part * 65536 + 0.5), 0, 1 / (1 - part)))
    return masks


def rate_factor(step, done, options):
    if options["schedule"] == "constant":
        return 1
    rise = min(1, max((step + 1) / 101, done / 0.05))
    if options["schedule"] == "cosine":
        return rise * (0.01 + 0.99 * (1 + np.cos(np.pi * done)) / 2)
    return rise * min(1, 0.01 + 0.99 * (1 - done) / max(options["cooldown"], 1e-9))


def couple(parameters):
    """Gives input gates the weights of forget gates with the other sign."""
    for name, p in parameters.items():
        if name not in ("w", "b"):
            size = len(p) // 4
            p[:size] = -p[size:2 * size]


class Optimizer:
    def __init__(self, parameters, options):
        self.options, self.step = options, 0
        self.first, self.second, self.averages = ({name: np.zeros_like(p) for name, p in parameters.items()}
                                                  for _ in range(3))
        for name, p in parameters.items():
            self.averages[name] += p

    def update(self, parameters, gradients, rate):
        options = self.options
        self.step += 1
        norm = np.sqrt(sum((g * g).sum() for g in gradients.values()))
        clip = options["clip"] / norm if 0 < options["clip"] < norm else 1
        beta1, beta2 = options["beta1"], options["beta2"]
        for name, p in parameters.items():
            here = rate if name in ("w0", "w", "b") else rate * options["inner"]
            g, m, v = clip * gradients[name], self.first[name], self.second[name]
            v += (1 - beta2) * (g * g - v)
            if options["optimizer"] == "adam":
                m += (1 - beta1) * (g - m)
                p *= 1 - here * options["decay"]
                p -= (here * m / (1 - beta1**self.step)) / (np.sqrt(v / (1 - beta2**self.step)) + 1e-8)
            else:
                p -= here * g / np.sqrt(v + 1e-7)
            self.averages[name] += max(1 - options["averaging"], 9 / (self.step + 9)) * (p - self.averages[name])
        if options["cell"] == "coupled":
            couple(parameters)
            couple(self.averages)
        return norm


def train(parameters, text, count, options, rounded):
    """After each epoch: updates so far, the parameters that are saved, and the epoch's mean loss, None without one."""
    network = Network({name: p.copy() for name, p in parameters.items()}, options["layers"],
                      options["cell"] == "coupled", rounded)
    optimizer = Optimizer(network.p, options)
    ends = []
    for epoch, (pieces, chunk_of) in enumerate(epochs(text, count, options)):
        state, piece, total, weight = None, 0, 0.0, 0.0
        while piece < pieces:
            done = (epoch + piece / pieces) / options["epochs"]
            chunk, piece = chunk_of(piece, done >= 0.3)
            rows = chunk.inputs.shape[1]
            state = state if state and chunk.carries else network.zero_state(rows)
            masks = dropout_masks(options["layers"], chunk.inputs.shape, optimizer.step, options)
            losses, gradients, state = network.gradients(chunk, state, masks)
            total += (losses * chunk.charged).sum()
            weight += chunk.charged.sum()
            optimizer.update(network.p, gradients, options["rate"] * rate_factor(optimizer.step, done, options))
        values = {name: p.copy() for name, p in optimizer.averages.items()}
        ends.append(End(optimizer.step, values, total / weight if weight else None))
    return ends
