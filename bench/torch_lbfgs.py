"""torch.optim.LBFGS on the objective of FocalSgd, for `bench torch`, which starts this with a style and talks to it line by line.

    load FILE ROWS FEATURES L2 START    reads the matrix, row after row, and then the labels, all float32; START is the first bias
    run COORDINATES EVALUATIONS FILE    minimises from the start until so many evaluations have been made; answers their number and the
                                        seconds, and writes weights and bias of each evaluation to the file, as float32

The objective is mean(-(1 - p)^2 ln p) + L2/2 |weights|^2, where p is the probability of the row's own class: the focal loss with gamma 2.
Style "plain" is what one writes: the loss in three lines, and autograd. Style "tuned" writes value and gradient out, in buffers that are
there before, and turns the matrix to lie column after column before the clock starts. Coordinates are "given" or "standardised"; the
moments that takes are within the seconds.
"""
import sys
import time

import numpy
import torch
from torch.nn.functional import logsigmoid, softplus

THREADS = 2


class Enough(Exception):
    """So many evaluations have been made."""


class Plain:
    """The objective as one writes it."""

    def __init__(self, file, rows, features, l2, start):
        self.rows, self.features, self.l2, self.start = rows, features, l2, start
        data = torch.from_numpy(numpy.fromfile(file, dtype=numpy.float32))
        self.x = data[:rows * features].view(rows, features)
        self.sign = 2 * data[rows * features:] - 1

    def evaluate(self, weights, bias):
        """The objective, and its derivative with respect to weights and bias."""
        weights, bias = weights.requires_grad_(), bias.requires_grad_()
        with torch.enable_grad():
            score = self.sign * (self.x @ weights + bias)
            loss = -(torch.sigmoid(-score) ** 2 * logsigmoid(score)).mean() + self.l2 / 2 * weights.dot(weights)
            loss.backward()
        return loss.detach(), weights.grad, bias.grad

    def run(self, coordinates, evaluations):
        begin = time.perf_counter()
        shift, scale = torch.zeros(self.features), torch.ones(self.features)
        if coordinates == "standardised":
            # Several times as fast as var_mean, and exact enough for a scale.
            mean = torch.mv(self.x.t(), torch.ones(self.rows)) / self.rows
            variance = torch.linalg.vector_norm(self.x, dim=0).square() / self.rows - mean.square()
            # A column that does not vary stays as it is.
            scale = torch.where(variance > 0, variance.rsqrt(), scale)
            shift = mean * scale
        point = torch.zeros(self.features + 1)
        point[-1] = self.start
        point.requires_grad_()
        point.grad = torch.empty(self.features + 1)
        trace = []

        @torch.no_grad()
        def closure():
            if len(trace) == evaluations:
                raise Enough
            weights = point[:-1] * scale
            bias = point[-1] - shift.dot(point[:-1])
            trace.append(torch.cat((weights, bias.view(1))))
            loss, weight_gradient, bias_gradient = self.evaluate(weights, bias)
            point.grad[:-1] = weight_gradient * scale - shift * bias_gradient
            point.grad[-1] = bias_gradient
            return loss

        optimizer = torch.optim.LBFGS(
            [point], max_iter=10 ** 6, max_eval=10 ** 6, tolerance_grad=0, tolerance_change=0, line_search_fn="strong_wolfe")
        try:
            optimizer.step(closure)
        except Enough:
            pass
        return time.perf_counter() - begin, trace


class Tuned(Plain):
    """The same, as fast as it would go."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.x = self.x.t().contiguous().t()
        self.score, self.p, self.q, self.slope = (torch.empty(self.rows) for _ in range(4))

    def evaluate(self, weights, bias):
        s, p, q, slope = self.score, self.p, self.q, self.slope
        torch.mv(self.x, weights, out=s)
        s.add_(bias).mul_(self.sign)
        torch.sigmoid(s, out=p)
        s.neg_()
        torch.sigmoid(s, out=q)
        minus_ln_p = softplus(s)
        # dL/ds = q^2 (2 p ln p - q)
        torch.mul(p, minus_ln_p, out=slope)
        slope.mul_(-2).sub_(q)
        q.square_()
        slope.mul_(q).mul_(self.sign)
        loss = minus_ln_p.mul_(q).sum() / self.rows
        gradient = torch.mv(self.x.t(), slope).div_(self.rows).add_(weights, alpha=self.l2)
        return loss + self.l2 / 2 * weights.dot(weights), gradient, slope.sum() / self.rows


def main():
    style = {"plain": Plain, "tuned": Tuned}[sys.argv[1]]
    torch.set_num_threads(THREADS)
    with open("/proc/self/maps", encoding="ascii") as maps:
        blas = sorted({line.split()[-1].rsplit("/", 1)[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    print(f"PyTorch {torch.__version__} with {', '.join(blas)}", flush=True)
    problem = None
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "load":
            file, rows, features, l2, start = arguments
            problem = style(file, int(rows), int(features), float(l2), float(start))
            print("loaded", flush=True)
        elif command == "run":
            coordinates, evaluations, file = arguments
            seconds, trace = problem.run(coordinates, int(evaluations))
            numpy.concatenate([point.numpy() for point in trace]).tofile(file)
            print(len(trace), seconds, flush=True)
        else:
            raise ValueError(f"'{command}' is no command.")


if __name__ == "__main__":
    main()
