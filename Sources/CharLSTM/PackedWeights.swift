// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// A right operand of a product, copied into the order in which the kernels read it.
///
/// Addresses alone, whose memory is a `PackedWeights`', so that a step of a small network does not spend its time
/// counting references.
struct PackedMatrix: @unchecked Sendable {
  let rows: Int
  let columns: Int
  /// From a row of what it multiplies to the next, `rows` or more.
  let operandStride: Int
  /// From a row of the result to the next, `columns` or more.
  let resultStride: Int
  /// What packs it and multiplies by it.
  fileprivate let products: UnsafePointer<ck_products>
  fileprivate let storage: UnsafeMutableRawPointer

  var panelCount: Int { ck_panel_count(columns) }

  /// The bytes that a product reads of it.
  var size: Int { products.pointee.packed_size(rows, columns) }

  /// Fills some rows of some panels from the matrix whose element (p, j) stands at
  /// `source[p * rowStride + j * columnStride]`; rows as `ck_products.pack` wants them.
  func pack(
    _ source: UnsafePointer<Float>, rowStride: Int, columnStride: Int, rows: Range<Int>, panels: Range<Int>
  ) {
    products.pointee.pack(
      self.rows, columns, source, rowStride, columnStride, storage,
      ck_range(first: rows.lowerBound, end: rows.upperBound),
      ck_range(first: panels.lowerBound, end: panels.upperBound))
  }

  /// What a product is added to.
  enum Start {
    case zeros
    /// This row [columns] in every row.
    case row(UnsafePointer<Float>)
    /// In each row the one of a table [V, columns] that its symbol chooses, and this row on top.
    case symbol(table: UnsafePointer<Float>, tableStride: Int, row: UnsafePointer<Float>)
    /// What the result's memory holds already.
    case result
  }

  /// Rows of a left operand and where their product goes; the rows of both are apart by the strides.
  struct Rows {
    /// m.
    var count: Int
    /// [m, rows].
    var operand: UnsafePointer<Float>
    /// [m, columns].
    var result: UnsafeMutablePointer<Float>
    /// [m]; only for a start that asks for them.
    var symbols: UnsafePointer<UInt16>?
  }

  /// result = start + operand times this, or the columns of some panels of it, for the rows of each of `parts`, which
  /// read it together.
  func multiply<Part>(
    _ parts: some Collection<Part>, from start: Start, panels: Range<Int>? = nil, _ rowsOf: (Part) -> Rows
  ) {
    let panels = panels ?? 0..<panelCount
    let first = panels.lowerBound * 32
    let count = min(panels.upperBound * 32, columns) - first
    let packed = storage + panels.lowerBound * products.pointee.packed_size(rows, 32)
    var (startStride, bias) = (resultStride, UnsafePointer<Float>?.none)
    switch start {
    case .row(let row): bias = row + first
    case .symbol(_, let tableStride, let row): (startStride, bias) = (tableStride, row + first)
    case .zeros, .result: break
    }
    withUnsafeTemporaryAllocation(of: ck_rows.self, capacity: parts.count) { list in
      for (index, part) in parts.enumerated() {
        let rows = rowsOf(part)
        let to = rows.result + first
        let begin: UnsafePointer<Float>? =
          switch start {
          case .zeros, .row: nil
          case .symbol(let table, _, _): table + first
          case .result: UnsafePointer(to)
          }
        list.initializeElement(
          at: index,
          to: ck_rows(m: rows.count, a: rows.operand, start: begin, ids: rows.symbols, c: to))
      }
      products.pointee.multiply(
        count, rows, list.baseAddress, list.count, operandStride, packed, startStride, bias, resultStride)
    }
  }

  /// c [m, columns] = start + a [m, rows] times this, or the columns of some panels of it.
  func multiply(
    _ m: Int, _ a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, from start: Start,
    symbols: UnsafePointer<UInt16>? = nil, panels: Range<Int>? = nil
  ) {
    let rows = Rows(count: m, operand: a, result: c, symbols: symbols)
    multiply(CollectionOfOne(rows), from: start, panels: panels) { $0 }
  }
}

/// Products by a team.
extension PackedMatrix {
  /// Parts of about so many panels: what a product of one row does at once.
  private static let panelsTogether = 4

  /// How many parts the columns are best cut into.
  var pieceCount: Int { min((panelCount + Self.panelsTogether - 1) / Self.panelsTogether, 8) }

  /// The panels of part `piece` of `pieceCount`.
  func panels(ofPiece piece: Int) -> Range<Int> {
    panelCount * piece / pieceCount..<panelCount * (piece + 1) / pieceCount
  }
}

/// A network's weight matrices packed for the products of a forward pass and, for training, of a backward pass.
///
/// A copy of the parameters: `pack` brings it up to date after every update.
public final class PackedWeights: @unchecked Sendable {
  /// The operands of one LSTM layer; gate gradients [·, 4H] go back through `…Back`.
  ///
  /// With coupled gates they are those of f, g and o alone, 3H.
  struct Layer {
    let input: PackedMatrix?  // [I, 4H or 3H]; none in the lowest layer, which reads a table
    let recurrent: PackedMatrix  // [H, 4H or 3H]
    let inputBack: PackedMatrix?  // [4H or 3H, I]
    let recurrentBack: PackedMatrix?  // [4H or 3H, H]
  }

  let layers: [Layer]
  let decoder: PackedMatrix  // [H, V]
  let decoderBack: PackedMatrix?  // [V, H]
  private let products: ck_products
  /// What takes the place of `products` where it can, in no more room.
  private let halves: ck_products?
  /// Those of the two by which the weights are packed now.
  private let productsInUse: UnsafeMutablePointer<ck_products>
  private let operands: [Operand]
  /// All parameters but the input gates of coupled ones, in parts that threads can pack at once.
  let parts: [TensorRows]
  /// For each part the operands that are made of its tensor.
  private let operandsOfParts: [[Operand]]

  /// A tensor's rows from `firstRow` on, as an operand.
  private struct Operand {
    let matrix: PackedMatrix
    let tensor: Tensor
    let firstRow: Int
    let transposed: Bool

    /// Packs the present values of some of those rows.
    func pack(_ parameters: Parameters, _ rows: Range<Int>) {
      let stride = tensor.columns
      let source = UnsafePointer(parameters.pointer(tensor) + firstRow * stride)
      let (first, end) = (rows.lowerBound - firstRow, rows.upperBound - firstRow)
      if transposed {
        matrix.pack(
          source, rowStride: 1, columnStride: stride, rows: 0..<matrix.rows,
          panels: first / 32..<ck_panel_count(end))
      } else {
        matrix.pack(
          source, rowStride: stride, columnStride: 1, rows: first..<end, panels: 0..<matrix.panelCount)
      }
    }
  }

  /// About how many floats a part has: few enough to be in a cache from one look at them to the next.
  private static let partSize = 8192

  /// Room for the weights of `configuration`; with `forTraining` also for a backward pass.
  ///
  /// - Parameters:
  ///   - halves: what takes the place of `products`, with the same results, whenever the lower halves of all weights are
  ///     zeros.
  ///   - coupled: whether input gates have no weights of their own.
  init(
    _ configuration: Configuration, products: ck_products, halves: ck_products? = nil, forTraining: Bool,
    coupled: Bool
  ) {
    self.products = products
    self.halves = halves
    let productsInUse = UnsafeMutablePointer<ck_products>.allocate(capacity: 1)
    productsInUse.initialize(to: products)
    self.productsInUse = productsInUse
    let layout = ParameterLayout(configuration)
    var operands: [Operand] = []
    func operand(_ tensor: Tensor, transposed: Bool) -> PackedMatrix {
      let firstRow = coupled && tensor.gates == .rows ? tensor.rows / 4 : 0
      let (rows, columns) = (tensor.rows - firstRow, tensor.columns)
      // Rows of logits stand without gaps, those of gates and of vectors each begin a cache line.
      let rowStride = tensor == layout.decoderWeight ? rows : FloatBuffer.wholeLines(rows)
      let columnStride = FloatBuffer.wholeLines(columns)
      let (packedRows, packedColumns) = transposed ? (columns, rows) : (rows, columns)
      let matrix = PackedMatrix(
        rows: packedRows, columns: packedColumns, operandStride: transposed ? columnStride : rowStride,
        resultStride: transposed ? rowStride : columnStride, products: productsInUse,
        storage: .allocate(byteCount: max(products.packed_size(packedRows, packedColumns), 64), alignment: 64)
      )
      operands.append(
        Operand(matrix: matrix, tensor: tensor, firstRow: firstRow, transposed: transposed))
      return matrix
    }
    layers = layout.layers.enumerated().map { index, tensors in
      Layer(
        input: index == 0 ? nil : operand(tensors.input, transposed: true),
        recurrent: operand(tensors.recurrent, transposed: true),
        inputBack: index == 0 || !forTraining ? nil : operand(tensors.input, transposed: false),
        recurrentBack: forTraining ? operand(tensors.recurrent, transposed: false) : nil)
    }
    decoder = operand(layout.decoderWeight, transposed: true)
    decoderBack = forTraining ? operand(layout.decoderWeight, transposed: false) : nil
    self.operands = operands
    var parts: [TensorRows] = []
    var operandsOfParts: [[Operand]] = []
    for tensor in layout.tensors {
      let ofTensor = operands.filter { $0.tensor == tensor }
      // Whole panels of those operands whose columns are the tensor's rows.
      let count = max(1, Self.partSize / tensor.columns / 32) * 32
      for first in stride(from: ofTensor.first?.firstRow ?? 0, to: tensor.rows, by: count) {
        parts.append(TensorRows(tensor, first..<min(first + count, tensor.rows)))
        operandsOfParts.append(ofTensor)
      }
    }
    (self.parts, self.operandsOfParts) = (parts, operandsOfParts)
  }

  deinit {
    for operand in operands { operand.matrix.storage.deallocate() }
    productsInUse.deallocate()
  }

  /// The bytes that one step reads.
  var size: Int { operands.reduce(0) { $0 + $1.matrix.size } }

  /// Packs the present values of `parameters`.
  func pack(_ parameters: Parameters, workers: Workers) {
    let halves = halves.flatMap { halves in
      operands.allSatisfy { parameters.lowerHalvesAreZeros($0.tensor) } ? halves : nil
    }
    productsInUse.pointee = halves ?? products
    workers.forEach(parts.count) { pack(parameters, part: $0) }
  }

  /// Packs the present values of a part, as what the last call for all of `parameters` packed them as.
  func pack(_ parameters: Parameters, part index: Int) {
    for operand in operandsOfParts[index] { operand.pack(parameters, parts[index].rows) }
  }
}
