// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// A network from elsewhere, and what its file tells of the text it is for.
public struct ForeignModel: Sendable {
  /// The network.
  public let parameters: Parameters
  /// The characters, if the file has a place for them and came from here.
  public let charset: Charset?
  /// Whether the file says that each line is a text of its own.
  public let isOfRecords: Bool

  /// A network, and what is known of its text.
  public init(_ parameters: Parameters, charset: Charset? = nil, isOfRecords: Bool = false) {
    self.parameters = parameters
    self.charset = charset
    self.isOfRecords = isOfRecords
  }

  /// A network, and what strings in its file tell of its text.
  ///
  /// - Throws: `ExchangeError.Problem`.
  init(_ parameters: Parameters, metadata: ExchangeMetadata) throws(ExchangeError.Problem) {
    self.init(parameters, charset: try metadata.charset(), isOfRecords: metadata.isOfRecords)
  }
}
