// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers grapheme clusters of several scalars, so that every symbol of any unit is one number, its code.
///
/// A byte or a single scalar is its own code; clusters are numbered from `firstCode` up.
struct ClusterTable: Sendable {
  /// The first number that is no scalar.
  static let firstCode: UInt32 = 0x11_0000
  /// The code of CR LF, the only cluster that ends a line, which every table has.
  static let lineEnd = firstCode
  private static let lineEndScalars: [UInt32] = [0x0D, 0x0A]
  /// How many clusters a table learns: bounds its memory against hostile text.
  static let limit = 1 << 18

  /// Whether clusters met for the first time are kept; otherwise their codes hold until `forgetPassing()`.
  var learns: Bool
  /// Of clusters after CR LF: a table of that alone, as most charsets have, shall cost nothing when a program starts.
  private var codes: [[UInt32]: UInt32] = [:]
  private var kept: [[UInt32]] = [Self.lineEndScalars]
  private var passing: [[UInt32]] = []

  /// A table of `clusters` in this order after CR LF.
  init(learns: Bool, clusters: [[UInt32]] = []) {
    self.learns = learns
    for cluster in clusters where knownCode(of: cluster) == nil { keep(cluster) }
  }

  /// The code of a cluster of at least two scalars.
  ///
  /// - Throws: `TextError.tooManyGraphemes` when the table cannot learn any more.
  mutating func code(of cluster: [UInt32]) throws(TextError) -> UInt32 {
    if let code = knownCode(of: cluster) { return code }
    if learns {
      if kept.count >= Self.limit { throw .tooManyGraphemes(limit: Self.limit) }
      return keep(cluster)
    }
    passing.append(cluster)
    return Self.firstCode + UInt32(kept.count + passing.count - 1)
  }

  /// The code of a cluster that is kept.
  func knownCode(of cluster: [UInt32]) -> UInt32? {
    cluster == Self.lineEndScalars ? Self.lineEnd : codes[cluster]
  }

  /// The scalars that a code stands for.
  func scalars(of code: UInt32) -> [UInt32] {
    if code < Self.firstCode { return [code] }
    let index = Int(code - Self.firstCode)
    return index < kept.count ? kept[index] : passing[index - kept.count]
  }

  /// Gives up the codes of clusters that were not kept.
  mutating func forgetPassing() {
    passing.removeAll(keepingCapacity: true)
  }

  @discardableResult
  private mutating func keep(_ cluster: [UInt32]) -> UInt32 {
    let code = Self.firstCode + UInt32(kept.count)
    codes[cluster] = code
    kept.append(cluster)
    return code
  }
}
