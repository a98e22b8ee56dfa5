// SPDX-License-Identifier: GPL-3.0-or-later

/// A message in Protocol Buffers' encoding (the "Encoding" page of its documentation), written field by field.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case lengthDelimited = 2
  }

  /// A message of these fields.
  init(_ fields: (inout ProtobufMessage) -> Void = { _ in }) {
    fields(&self)
  }

  /// Writes a whole number; a negative one as its two's complement.
  mutating func number(_ field: UInt64, _ value: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// Writes text.
  mutating func string(_ field: UInt64, _ value: String) { data(field, value.utf8) }

  /// Writes bytes.
  mutating func data(_ field: UInt64, _ value: some Collection<UInt8>) {
    tag(field, .lengthDelimited)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Writes a message of these fields.
  mutating func message(_ field: UInt64, _ fields: (inout ProtobufMessage) -> Void) {
    data(field, ProtobufMessage(fields).bytes)
  }

  private mutating func tag(_ field: UInt64, _ type: WireType) { varint(field << 3 | type.rawValue) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
