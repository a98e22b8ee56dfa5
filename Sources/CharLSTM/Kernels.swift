// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import FileSupport

/// How the operands of training's products are kept.
///
/// Sums, cell state and parameters are fp32 in both.
public enum Precision: String, CaseIterable, Sendable {
  /// 32-bit floats throughout: what sampling and scoring always use.
  case fp32
  /// Operands rounded to bfloat16 where they enter a product.
  case bf16
}

/// The inner loops of the instruction set that was chosen.
public struct Kernels: @unchecked Sendable {
  let table: UnsafePointer<ck_kernels>

  /// The kernels of that name (`portable`, `avx2`, …), or the fastest this machine runs where it is nil or empty.
  ///
  /// - Throws: `KernelsError` when this machine or this build has none of that name.
  public init(named name: String? = nil) throws(KernelsError) {
    let name = name?.isEmpty == true ? nil : name
    guard let table = ck_kernels_named(name) else { throw KernelsError(name: name ?? "", known: Self.levels) }
    self.table = table
  }

  /// The kernels that the environment asks for: those that `CHARTOOLS_ISA` names, or else the fastest.
  ///
  /// - Parameter environment: looks up an environment variable.
  /// - Throws: `KernelsError` when this machine or this build has none of that name.
  public init(environment: (String) -> String?) throws(KernelsError) {
    try self.init(named: environment(Self.variable))
  }

  /// The environment variable that names the instruction set.
  static let variable = "CHARTOOLS_ISA"

  /// The fastest kernels this machine runs.
  public static var best: Kernels { Kernels(table: ck_kernels_named(nil)) }

  init(table: UnsafePointer<ck_kernels>) {
    self.table = table
  }

  /// The names this machine runs, fastest first.
  public static var levels: [String] {
    var names: [String] = []
    var index = 0
    while let name = ck_level_name(index) {
      if ck_kernels_named(name) != nil { names.append(String(cString: name)) }
      index += 1
    }
    return names
  }

  /// The name of the instruction set.
  public var name: String { String(cString: table.pointee.name) }

  /// The products of a precision, or nil where this machine has none.
  func products(_ precision: Precision) -> ck_products? {
    switch precision {
    case .fp32: table.pointee.fp32
    case .bf16: table.pointee.bf16?.pointee
    }
  }

  /// About how many times as fast as in fp32 training is here in a precision that this machine has.
  public func speed(of precision: Precision) -> Double { precision == .bf16 ? ck_bf16_speed(table) : 1 }

  /// The precision in which training is fastest here.
  public var fastestPrecision: Precision { speed(of: .bf16) > 1 ? .bf16 : .fp32 }

  /// Whether this machine has products of that precision.
  public func has(_ precision: Precision) -> Bool { products(precision) != nil }
}

/// An instruction set that is not to be had.
public struct KernelsError: UserFacingError, Equatable {
  /// What was asked for.
  public let name: String
  /// What this machine runs.
  public let known: [String]

  /// The variable that names the instruction set.
  public var place: String? { Kernels.variable }
  /// A wrong setting is a usage error.
  public var kind: ErrorKind { .usage }
  /// What was asked for and what there is.
  public var reason: String {
    "no instruction set '\(name)' on this machine; it runs \(known.joined(separator: ", "))"
  }
}
