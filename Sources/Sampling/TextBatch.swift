// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Synchronization

/// Many texts written side by side on all workers, without end: a row whose text is finished takes the next request.
///
/// A text depends on its request, the random seed and the rules, never on what else is written or by how many
/// threads. Memory is bounded by what is submitted and not yet collected, which is for the caller to bound.
public final class TextBatch {
  private let rules: TextRules
  private let workers: Workers
  /// Texts that are written side by side, for whichever worker is free; made when there is work for one more.
  private var groups: [TextRows] = []
  /// Requests that no group has taken, those before `firstQueued` gone.
  private var queue: [TextRequest] = []
  private var firstQueued = 0

  /// Requests that wait in each group, so that a row which is free need not wait for the others.
  private static let mostWaiting = 128

  /// Steps after which another worker may go on with a group, when it has nothing else to do.
  private static let turn = 4

  /// Steps of a lone text for which the workers come together.
  private static let fewestTogether = 16

  /// A batch without requests.
  ///
  /// - Parameters:
  ///   - mixture: predicts.
  ///   - samplers: choose; a request says which of them.
  ///   - ends: where texts end.
  ///   - isScored: whether the cost of each symbol is wanted.
  ///   - randomSeed: of all texts.
  ///   - workers: the threads.
  public init(
    _ mixture: Mixture, samplers: [Sampler], ends: TextEnds, isScored: Bool = false, randomSeed: UInt64,
    workers: Workers
  ) {
    rules = TextRules(
      mixture: mixture, samplers: samplers, ends: ends, isScored: isScored, randomSeed: randomSeed)
    self.workers = workers
  }

  /// The most texts that are written at once.
  public var mostTexts: Int { mostGroups * TextRows.mostRows }

  /// How many groups there are.
  var groupCount: Int { groups.count }

  /// Two for each worker, so that one that is faster finds what a slower one has not begun.
  private var mostGroups: Int { workers.count > 1 ? 2 * workers.count : 1 }

  /// Texts submitted and not finished.
  public var load: Int { groups.reduce(queue.count - firstQueued) { $0 + $1.load } }

  /// Takes a request; an urgent one overtakes those that wait.
  public func submit(_ request: TextRequest, isUrgent: Bool = false) {
    if isUrgent {
      leastLoaded().take(request, isUrgent: true)
    } else {
      queue.append(request)
    }
  }

  /// Goes on by `steps` symbols in each text under way, and gives those that are finished, in no order.
  public func advance(steps: Int) -> [(ticket: Int, text: WrittenText)] {
    share()
    let busy = groups.filter { $0.load > 0 }
    if busy.count == 1 && busy[0].load == 1 && steps >= Self.fewestTogether && rules.mixture.wantsTeam {
      Team.gather(workers) { busy[0].advance(steps: steps, team: $0) }
    } else {
      advance(busy, steps: steps)
    }
    return busy.flatMap { $0.takeFinished() }
  }

  /// Workers take turns with the groups, so that all are as far and nobody waits for a slower one for longer than a turn.
  private func advance(_ groups: [TextRows], steps: Int) {
    let waiting = Mutex(groups.map { (group: $0, steps: steps) })
    workers.forEach(groups.count) { _ in
      var unfinished: (group: TextRows, steps: Int)?
      while let (group, steps) = waiting.withLock({ waiting in
        if let unfinished { waiting.append(unfinished) }
        return waiting.isEmpty ? nil : waiting.removeFirst()
      }) {
        let turn = min(steps, Self.turn)
        group.advance(steps: turn)
        unfinished = steps > turn ? (group, steps - turn) : nil
      }
    }
  }

  /// Takes what is new and sure to be part of a text under way; what is given when it is finished is the rest.
  ///
  /// Nothing comes of a text that waits or is finished. Only where costs are not wanted.
  public func takeText(of ticket: Int) -> [UInt16] {
    for group in groups {
      if let ids = group.takeText(of: ticket) { return ids }
    }
    return []
  }

  /// Who is to take the next request: a group that has nothing to do, else one more while there are fewer than workers or
  /// all have their rows full, else the one with the least.
  private func leastLoaded() -> TextRows {
    if let group = groups.min(by: { $0.load < $1.load }) {
      if group.load == 0 { return group }
      if groups.count >= (group.load < TextRows.mostRows ? workers.count : mostGroups) { return group }
    }
    let group = TextRows(rules)
    groups.append(group)
    return group
  }

  /// Gives the groups what they can take, and evens out what waits.
  private func share() {
    while firstQueued < queue.count {
      let group = leastLoaded()
      guard group.load < TextRows.mostRows + Self.mostWaiting else { return }
      group.take(queue[firstQueued])
      firstQueued += 1
      if firstQueued == queue.count {
        queue.removeAll(keepingCapacity: true)
        firstQueued = 0
      } else if firstQueued >= 4096 {
        queue.removeFirst(firstQueued)
        firstQueued = 0
      }
    }
    // Nothing is left to give out: who has nothing to do gets what waits elsewhere.
    while let most = groups.max(by: { $0.load < $1.load }), let least = groups.min(by: { $0.load < $1.load }),
      most.load > least.load + 1, let request = most.giveBack()
    {
      least.take(request)
    }
  }
}

extension TextBatch {
  /// The texts of all `requests`, in their order.
  public func write(_ requests: [TextRequest]) -> [WrittenText] {
    var texts: [Int: WrittenText] = [:]
    for request in requests { submit(request) }
    while load > 0 {
      for (ticket, text) in advance(steps: 64) { texts[ticket] = text }
    }
    return requests.compactMap { texts[$0.ticket] }
  }
}
