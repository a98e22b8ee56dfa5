// SPDX-License-Identifier: GPL-3.0-or-later

/// Cuts a stream of scalars into extended grapheme clusters (Unicode Annex 29), with bounded memory.
struct GraphemeSplitter {
  /// A cluster is cut after so many scalars, or a text of endless accents would fill the memory.
  static let longestCluster = 64

  private var recognizer = Unicode._CharacterRecognizer()
  /// The cluster under way.
  private var cluster: [UInt32] = []
  /// Whether the recognizer has seen the last scalar of the cluster under way.
  private var isRecognizerCurrent = true

  init() {
    cluster.reserveCapacity(Self.longestCluster)
  }

  /// Takes scalars and writes the codes of the clusters that they end, at most as many as scalars.
  ///
  /// - Returns: how many codes were written.
  mutating func split(
    _ scalars: UnsafeBufferPointer<UInt32>, clusters: inout ClusterTable,
    into codes: UnsafeMutablePointer<UInt32>
  ) throws(TextError) -> Int {
    var written = 0
    for scalar in scalars {
      if try endsCluster(before: scalar), !cluster.isEmpty {
        codes[written] = try takeCluster(&clusters)
        written += 1
      }
      cluster.append(scalar)
    }
    return written
  }

  /// Ends the text: writes the code of the last cluster, if there is one, and says how many that were.
  mutating func finish(
    clusters: inout ClusterTable, into codes: UnsafeMutablePointer<UInt32>
  ) throws(TextError) -> Int {
    defer {
      recognizer = .init()
      isRecognizerCurrent = true
    }
    if cluster.isEmpty { return 0 }
    codes[0] = try takeCluster(&clusters)
    return 1
  }

  private mutating func endsCluster(before scalar: UInt32) throws(TextError) -> Bool {
    // Between two ASCII characters there is always a boundary, but for CR LF, and ASCII leaves no trace in the
    // recognizer: so plain text need not ask it.
    if cluster.count == 1, cluster[0] < 0x80, scalar < 0x80, !(cluster[0] == 0x0D && scalar == 0x0A) {
      isRecognizerCurrent = false
      return true
    }
    if !isRecognizerCurrent {
      recognizer = .init()
      for scalar in cluster { _ = recognizer.hasBreak(before: Self.scalar(scalar)) }
      isRecognizerCurrent = true
    }
    return recognizer.hasBreak(before: Self.scalar(scalar)) || cluster.count == Self.longestCluster
  }

  private mutating func takeCluster(_ clusters: inout ClusterTable) throws(TextError) -> UInt32 {
    defer { cluster.removeAll(keepingCapacity: true) }
    return cluster.count == 1 ? cluster[0] : try clusters.code(of: cluster)
  }

  /// The decoder lets nothing but scalars through.
  private static func scalar(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value).unsafelyUnwrapped }
}
