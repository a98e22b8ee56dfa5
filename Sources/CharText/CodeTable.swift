// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the 16-bit id of a code (see `ClusterTable`) with two look-ups.
///
/// Codes of scalars and bytes go through pages of 256, of which only those in use exist; clusters have a list of
/// their own.
struct CodeTable: Sendable {
  /// What a code without an id has.
  static let none = Charset.noID

  private static let pageSize = 256

  /// Where the page of a code begins, in pages; page 0 is the one without any id.
  private var pageNumbers = [UInt16](repeating: 0, count: Int(ClusterTable.firstCode) / pageSize)
  private var pages = [UInt16](repeating: none, count: pageSize)
  private var clusterIDs: [UInt16] = []

  /// The id of `code`, or `none`.
  subscript(code: UInt32) -> UInt16 {
    get { withLookup { $0.id(of: code) } }
    set {
      if code < ClusterTable.firstCode {
        let number = Int(code) / Self.pageSize
        if pageNumbers[number] == 0 {
          pageNumbers[number] = UInt16(pages.count / Self.pageSize)
          pages.append(contentsOf: repeatElement(Self.none, count: Self.pageSize))
        }
        pages[Int(pageNumbers[number]) * Self.pageSize + Int(code) % Self.pageSize] = newValue
      } else {
        let index = Int(code - ClusterTable.firstCode)
        if index >= clusterIDs.count {
          clusterIDs.append(contentsOf: repeatElement(Self.none, count: index + 1 - clusterIDs.count))
        }
        clusterIDs[index] = newValue
      }
    }
  }

  /// Gives a view of the table that is quick to ask many times; it must not leave `body`.
  @inline(__always)
  func withLookup<Value, Failure: Error>(_ body: (Lookup) throws(Failure) -> Value) throws(Failure) -> Value {
    try pageNumbers.withUnsafeBufferPointer { (pageNumbers) throws(Failure) in
      try pages.withUnsafeBufferPointer { (pages) throws(Failure) in
        try clusterIDs.withUnsafeBufferPointer { (clusterIDs) throws(Failure) in
          try body(
            Lookup(
              pageNumbers: pageNumbers.baseAddress.unsafelyUnwrapped,
              pages: pages.baseAddress.unsafelyUnwrapped, clusterIDs: clusterIDs))
        }
      }
    }
  }

  /// The table behind plain pointers.
  struct Lookup {
    fileprivate let pageNumbers: UnsafePointer<UInt16>
    fileprivate let pages: UnsafePointer<UInt16>
    fileprivate let clusterIDs: UnsafeBufferPointer<UInt16>

    /// The id of `code`, or `none`.
    @inline(__always)
    func id(of code: UInt32) -> UInt16 {
      if code < ClusterTable.firstCode {
        return pages[Int(pageNumbers[Int(code >> 8)]) << 8 | Int(code & 0xFF)]
      }
      let index = Int(code - ClusterTable.firstCode)
      return index < clusterIDs.count ? clusterIDs[index] : CodeTable.none
    }
  }
}
