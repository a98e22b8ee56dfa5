// SPDX-License-Identifier: GPL-3.0-or-later

/// What a text is cut into: each piece is one character to the network.
public enum TextUnit: String, Sendable, CaseIterable {
  /// Unicode scalars, the default.
  case scalar
  /// Bytes, whatever they mean.
  case byte
  /// Extended grapheme clusters: what people see as one character, such as a letter with its accents.
  case grapheme
}
