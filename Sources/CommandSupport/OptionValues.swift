// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// One of a few words, as in `--color=auto`; the cases' raw values.
public protocol WordChoice: ExpressibleByArgument, CaseIterable, RawRepresentable where RawValue == String {}

extension WordChoice {
  // The parser would find the same by way of key paths and dictionaries, whose types are put together at every start.

  /// The words, in the order of the cases.
  public static var allValueStrings: [String] { allCases.map { $0.rawValue } }
  /// They speak for themselves.
  public static var allValueDescriptions: [String: String] { [:] }
}

/// `0,0.25,0.5`: temperatures of text to be written, each from 0 to 100.
public struct Temperatures: ExpressibleByArgument, Equatable, Sendable {
  /// In the order typed.
  public let values: [Double]

  /// These temperatures.
  public init(_ values: [Double]) {
    self.values = values
  }

  /// Parses what was typed; nil if it is not a list of temperatures.
  public init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    values = parts.compactMap { $0 }
    guard values.count == parts.count, values.allSatisfy({ (0...100).contains($0) }) else { return nil }
  }

  /// As shown in the help.
  public var defaultValueDescription: String {
    values.map { $0 == $0.rounded() ? String(Int($0)) : String($0) }.joined(separator: ",")
  }
}

/// Checks that a typed number is in its range.
///
/// - Throws: ArgumentParser's `ValidationError`, which ends the program with status 64.
public func require<Number: Comparable>(_ value: Number?, _ option: String, within range: ClosedRange<Number>)
  throws
{
  guard let value, !range.contains(value) else { return }
  throw ValidationError("\(option) \(value): it takes \(range.lowerBound) to \(range.upperBound)")
}
