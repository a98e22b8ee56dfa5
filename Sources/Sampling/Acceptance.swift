// SPDX-License-Identifier: GPL-3.0-or-later

/// Which records are good enough to be given out; the others are drawn again.
///
/// What is judged is the whole record: the seed and what follows it, without a newline at the end.
public struct Acceptance {
  /// A regular expression that has to be found in the record.
  public var match: Regex<AnyRegexOutput>?
  /// Lines that the record must not be one of.
  public var known: LineSet?
  /// Whether no record may come twice.
  public var isUnique = false
  /// How often a record is drawn at most.
  public var mostTries = 1000

  /// Accepts everything.
  public init() {}

  /// Whether there is anything to reject a record for.
  public var isChoosy: Bool { match != nil || known != nil || isUnique }

  /// Whether a record passes, but for being one of a kind.
  func passes(_ record: [UInt8]) -> Bool {
    if let known, known.contains(record) { return false }
    guard let match else { return true }
    // A failure to match for want of memory or the like is no match.
    return (try? match.firstMatch(in: String(decoding: record, as: UTF8.self))) != nil
  }
}
