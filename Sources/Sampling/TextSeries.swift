// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// What a record that is to be continued begins with.
public struct Seed: Equatable, Sendable {
  /// The record's number among all.
  public let number: UInt64
  /// Which sequence of random numbers is its own.
  public let stream: UInt64
  /// What the model reads of it.
  public let ids: [UInt16]
  /// The record as it came.
  public let bytes: [UInt8]

  /// Record `number`, beginning with `ids`.
  public init(number: UInt64, stream: UInt64, ids: [UInt16], bytes: [UInt8]) {
    self.number = number
    self.stream = stream
    self.ids = ids
    self.bytes = bytes
  }
}

/// One of the texts that continue a seed.
public struct Continuation: Sendable {
  /// What it continues.
  public let seed: Seed
  /// Which of the samplers has chosen, and the number of this text among those of that sampler, from 0.
  public let sampler: Int
  /// See `sampler`.
  public let sample: Int
  /// The text; nil where none was accepted in as many tries as are allowed.
  public let text: WrittenText?
}

/// The continuations of seeds in the order of the seeds, however they are written side by side: for each sampler, as
/// many samples as asked for, each the first or the best of its tries that is accepted.
public final class TextSeries {
  /// How many texts are written for each one that is given out.
  public struct Plan {
    /// How many texts each sampler writes for a seed.
    public var count = 1
    /// How many candidates there are for each; the one with the least nats a symbol is taken.
    public var bestOf = 1
    /// Which texts are given out.
    public var acceptance = Acceptance()

    /// One text, which is given out as it is.
    public init() {}

    /// Whether a text is given out for certain, whatever becomes of it.
    public var takesAnyText: Bool { bestOf == 1 && !acceptance.isChoosy }
  }

  /// A text on its way: its tries, and what came of them.
  private struct Slot {
    let seed: Seed
    let sampler: Int
    let sample: Int
    /// Tries begun.
    var tries = 0
    /// Candidates of this round of tries that are not finished.
    var outstanding = 0
    /// The tries of this round.
    var round: Range<Int> = 0..<0
    /// The best candidate of each try of this round that passed, with its number among all candidates.
    var passed: [(candidate: Int, text: WrittenText)] = []
    /// Symbols that this slot may come to hold.
    var reserved: Int
  }

  private let batch: TextBatch
  private let plan: Plan
  private let samplerCount: Int
  private let mostSymbols: Int
  private let symbolBytes: [[UInt8]]
  private var seen = LineSet()

  /// The slots under way or finished, in order; the first one's ordinal is `firstSlot`.
  private var slots: [Slot] = []
  private var head = 0
  private var firstSlot = 0
  private var reserved = 0
  /// The seed whose slots are not all there, and the number of the next of them.
  private var opening: (seed: Seed, next: Int)?

  /// Symbols that may be held at once, but for the first text's.
  private static let mostReserved = 1 << 22
  /// Texts that may be held at once.
  private static let mostSlots = 1 << 14
  /// Tries begun at once while there is room.
  private static let largestRound = 64

  /// Room for the number of a candidate, and of its symbols, in the position where its random numbers begin.
  private static let candidateBits: UInt64 = 24
  private static let sampleBits: UInt64 = 40
  /// The most candidates of a text.
  public static let mostCandidates = 1 << 16
  /// The most texts of a sampler for one seed.
  public static let mostSamples = 1 << 24

  /// A series without seeds, which has `batch` for itself.
  ///
  /// - Parameters:
  ///   - samplerCount: the number of the batch's samplers.
  ///   - ends: the batch's.
  public init(_ batch: TextBatch, plan: Plan, samplerCount: Int, ends: TextEnds, charset: Charset) {
    precondition(plan.acceptance.mostTries * plan.bestOf <= Self.mostCandidates, "too many tries")
    precondition(plan.count <= Self.mostSamples, "too many samples")
    self.batch = batch
    self.plan = plan
    self.samplerCount = samplerCount
    mostSymbols = min(ends.mostSymbols ?? Self.mostReserved, Self.mostReserved)
    symbolBytes = (0..<charset.count).map(charset.bytes(of:))
  }

  /// Whether memory allows for another seed.
  public var hasRoom: Bool {
    opening == nil && slots.count - head < Self.mostSlots
      && (head == slots.count || reserved < Self.mostReserved)
  }

  /// Whether everything added has been given out.
  public var isDone: Bool { opening == nil && head == slots.count }

  /// Whether there is one text alone.
  public var isAlone: Bool { opening == nil && slots.count - head == 1 }

  /// Adds a seed; there must be room.
  public func add(_ seed: Seed) {
    precondition(opening == nil, "the seed before is not all under way")
    opening = (seed, 0)
    open()
  }

  /// Goes on by so many symbols in each text under way.
  public func advance(steps: Int) {
    open()
    for (ticket, text) in batch.advance(steps: steps) { finish(ticket, text) }
  }

  /// The next continuation in order, if it is finished.
  public func next() -> Continuation? {
    guard head < slots.count, slots[head].outstanding == 0 else { return nil }
    while let (_, text) = slots[head].passed.first {
      slots[head].passed.removeFirst()
      let slot = slots[head]
      if plan.acceptance.isUnique && !seen.insert(record(slot.seed, text)) { continue }
      removeHead()
      return Continuation(seed: slot.seed, sampler: slot.sampler, sample: slot.sample, text: text)
    }
    if slots[head].tries < plan.acceptance.mostTries && plan.acceptance.isChoosy {
      beginRound(head)
      return nil
    }
    let slot = slots[head]
    removeHead()
    return Continuation(seed: slot.seed, sampler: slot.sampler, sample: slot.sample, text: nil)
  }

  /// Takes what is new of the text that will be given out next, where that is certain, nil where it is not.
  ///
  /// The continuation that `next` gives then has the rest alone.
  public func takeUnderWay() -> (continuation: Continuation, ids: [UInt16])? {
    guard plan.takesAnyText, head < slots.count, slots[head].outstanding > 0 else { return nil }
    let slot = slots[head]
    let ids = batch.takeText(of: ticket(slot: firstSlot + head, candidate: 0))
    return (Continuation(seed: slot.seed, sampler: slot.sampler, sample: slot.sample, text: nil), ids)
  }

  /// Begins texts of the seed that was added last, while there is room.
  private func open() {
    while let (seed, next) = opening,
      head == slots.count || (slots.count - head < Self.mostSlots && reserved < Self.mostReserved)
    {
      let symbols = min(mostSymbols + seed.ids.count, Self.mostReserved)
      slots.append(
        Slot(seed: seed, sampler: next / plan.count, sample: next % plan.count, reserved: symbols))
      reserved += symbols
      opening = next + 1 < samplerCount * plan.count ? (seed, next + 1) : nil
      beginRound(slots.count - 1)
    }
  }

  /// Begins tries of a slot: one, or if the ones before have failed and there is room, twice as many as before.
  private func beginRound(_ index: Int) {
    let isAgain = slots[index].tries > 0
    let triesMore = isAgain && batch.load < batch.mostTexts / 2
    let wanted = triesMore ? min(2 * slots[index].round.count, Self.largestRound) : 1
    let tries = plan.acceptance.isChoosy ? min(wanted, plan.acceptance.mostTries - slots[index].tries) : 1
    let round = slots[index].tries..<slots[index].tries + tries
    slots[index].round = round
    slots[index].tries = round.upperBound
    slots[index].outstanding = tries * plan.bestOf
    slots[index].passed = []
    let slot = slots[index]
    for candidate in round.lowerBound * plan.bestOf..<round.upperBound * plan.bestOf {
      let position = UInt64(slot.sample) << Self.sampleBits | UInt64(candidate) << Self.candidateBits
      batch.submit(
        TextRequest(
          ticket: ticket(slot: firstSlot + index, candidate: candidate), seed: slot.seed.ids,
          stream: slot.seed.stream, position: position, sampler: slot.sampler),
        isUrgent: isAgain)
    }
  }

  private func ticket(slot: Int, candidate: Int) -> Int { slot * Self.mostCandidates + candidate }

  private func finish(_ ticket: Int, _ text: WrittenText) {
    let index = ticket / Self.mostCandidates - firstSlot
    let candidate = ticket % Self.mostCandidates
    slots[index].outstanding -= 1
    if plan.takesAnyText || plan.acceptance.passes(record(slots[index].seed, text)) {
      keep((candidate, text), index)
    }
    guard slots[index].outstanding == 0 else { return }
    slots[index].passed.sort { $0.candidate < $1.candidate }
    let isHopeless = slots[index].tries >= plan.acceptance.mostTries || !plan.acceptance.isChoosy
    if slots[index].passed.isEmpty && !isHopeless {
      beginRound(index)
    } else {
      // What it holds is known now.
      let symbols = slots[index].seed.ids.count + slots[index].passed.reduce(0) { $0 + $1.text.ids.count }
      reserved += symbols - slots[index].reserved
      slots[index].reserved = symbols
    }
  }

  /// Keeps a candidate that passed if it is the best of its try.
  private func keep(_ new: (candidate: Int, text: WrittenText), _ index: Int) {
    let number = new.candidate / plan.bestOf
    guard let rival = slots[index].passed.firstIndex(where: { $0.candidate / plan.bestOf == number }) else {
      slots[index].passed.append(new)
      return
    }
    let old = slots[index].passed[rival]
    func cost(_ text: WrittenText) -> Double {
      text.score.count > 0 ? text.score.natsPerCharacter : .infinity
    }
    let (nats, oldNats) = (cost(new.text), cost(old.text))
    // Of equals the first, whichever was finished first.
    if nats < oldNats || nats == oldNats && new.candidate < old.candidate { slots[index].passed[rival] = new }
  }

  private func removeHead() {
    reserved -= slots[head].reserved
    head += 1
    if head == slots.count || head >= 1024 {
      slots.removeFirst(head)
      firstSlot += head
      head = 0
    }
  }

  /// The whole record as bytes, without a newline at its end.
  private func record(_ seed: Seed, _ text: WrittenText) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in seed.ids { bytes.append(contentsOf: symbolBytes[Int(id)]) }
    for id in text.ids { bytes.append(contentsOf: symbolBytes[Int(id)]) }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }
}
