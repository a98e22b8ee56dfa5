// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// A right operand of a product, copied into the order in which the kernels read it.
final class PackedMatrix: @unchecked Sendable {
  let rows: Int
  let columns: Int
  private let products: ck_products
  private let storage: UnsafeMutableRawPointer

  /// Room for a [rows, columns] operand of `products`.
  init(rows: Int, columns: Int, products: ck_products) {
    self.rows = rows
    self.columns = columns
    self.products = products
    storage = .allocate(byteCount: max(products.packed_size(rows, columns), 64), alignment: 64)
  }

  deinit {
    storage.deallocate()
  }

  var panelCount: Int { ck_panel_count(columns) }

  /// Fills some panels from the matrix whose element (p, j) stands at `source[p * rowStride + j * columnStride]`.
  func pack(_ source: UnsafePointer<Float>, rowStride: Int, columnStride: Int, panels: Range<Int>) {
    products.pack(
      rows, columns, source, rowStride, columnStride, storage, panels.lowerBound, panels.upperBound)
  }

  /// What a product is added to.
  enum Start {
    case zeros
    /// This row [columns] in every row.
    case row(UnsafePointer<Float>)
    /// What the result's memory holds already.
    case result
  }

  /// c [m, columns] = start + a [m, rows] times this, or the columns of some panels of it.
  func multiply(
    _ m: Int, _ a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, from start: Start,
    panels: Range<Int>? = nil
  ) {
    let panels = panels ?? 0..<panelCount
    let first = panels.lowerBound * 32
    let count = min(panels.upperBound * 32, columns) - first
    let part = storage + panels.lowerBound * products.packed_size(rows, 32)
    let to = c + first
    switch start {
    case .zeros: products.multiply(m, count, rows, a, rows, part, nil, 0, to, columns)
    case .row(let row): products.multiply(m, count, rows, a, rows, part, row + first, 0, to, columns)
    case .result: products.multiply(m, count, rows, a, rows, part, to, columns, to, columns)
    }
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
  struct Layer {
    let input: PackedMatrix?  // [I, 4H]; none in the lowest layer, which gathers
    let recurrent: PackedMatrix  // [H, 4H]
    let inputBack: PackedMatrix?  // [4H, I]
    let recurrentBack: PackedMatrix?  // [4H, H]
  }

  let layers: [Layer]
  let decoder: PackedMatrix  // [H, V]
  let decoderBack: PackedMatrix?  // [V, H]
  private let jobs: [Job]

  /// Some panels of one operand: what a thread packs at a time.
  private struct Job {
    let matrix: PackedMatrix
    let tensor: Tensor
    let transposed: Bool
    let panels: Range<Int>
  }

  /// Room for the weights of `configuration`; with `forTraining` also for a backward pass.
  init(_ configuration: Configuration, products: ck_products, forTraining: Bool) {
    let layout = ParameterLayout(configuration)
    var jobs: [Job] = []
    func operand(_ tensor: Tensor, transposed: Bool) -> PackedMatrix {
      let matrix = PackedMatrix(
        rows: transposed ? tensor.columns : tensor.rows, columns: transposed ? tensor.rows : tensor.columns,
        products: products)
      for first in stride(from: 0, to: matrix.panelCount, by: 4) {
        let panels = first..<min(first + 4, matrix.panelCount)
        jobs.append(Job(matrix: matrix, tensor: tensor, transposed: transposed, panels: panels))
      }
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
    self.jobs = jobs
  }

  /// Packs the present values of `parameters`.
  func pack(_ parameters: Parameters, workers: Workers) {
    workers.forEach(jobs.count) { [jobs] index in
      let job = jobs[index]
      job.matrix.pack(
        parameters.pointer(job.tensor), rowStride: job.transposed ? 1 : job.tensor.columns,
        columnStride: job.transposed ? job.tensor.columns : 1, panels: job.panels)
    }
  }
}
