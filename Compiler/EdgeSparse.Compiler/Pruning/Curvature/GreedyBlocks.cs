using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// Greedy removal in n blocks of one length at once. A removal changes every entry of the inverse, but only the diagonal and the
/// rows of the next removal are read: what removals take off is kept as Zᵀ·Z, and the matrices are brought up to date by one
/// product for many of them. Nothing is read back to the host on the way.
/// </summary>
internal sealed class GreedyBlocks
{
    private const long MostPending = 64;

    private readonly Tensor matrices;
    private readonly Tensor weights;
    private readonly Tensor units;
    private readonly Tensor present;
    private readonly Tensor places;
    private readonly Tensor alive;
    private readonly Tensor unitMatrices;
    private readonly Tensor pending;
    private readonly (Tensor GroupOf, Tensor Budget)? limits;
    private readonly long n;
    private readonly long c;
    private readonly long size;
    private long pendingRows;

    /// <param name="matrices">H⁻¹, [n, c, c]; changed.</param>
    /// <param name="weights">w, [n·c]; changed.</param>
    /// <param name="living">Bool, [n·c].</param>
    /// <param name="kinds">What goes at a time.</param>
    /// <param name="start">The place of the first weight among all.</param>
    public GreedyBlocks(Tensor matrices, Tensor weights, Tensor living, GreedyUnits kinds, long start)
    {
        (n, c) = (matrices.shape[0], matrices.shape[1]);
        this.matrices = matrices;
        this.weights = weights.view(n, c);
        units = kinds.UnitsOf(start, n, c, matrices.device);
        limits = kinds.LimitsOf(start, n, c, matrices.device);
        size = units.shape[2];
        places = units.clamp_min(0);

        // A weight that was pruned before is no member: it has nothing to lose, and its row is that of the identity.
        Tensor mask = living.view(n, c);
        present = units.ge(0).logical_and(PerUnit(mask));
        alive = present.any(2);
        this.weights.mul_(mask.to(ScalarType.Float64));
        unitMatrices = UnitMatrices();
        pending = zeros([n, Math.Max(MostPending, size) + size, c], ScalarType.Float64, matrices.device);
    }

    /// <param name="mostRemovals">Of a block; null: all.</param>
    /// <param name="order">Int64, [n·c], gets the step at which each weight went.</param>
    /// <returns>Saliencies, [n, steps], +∞ where nothing was left, and the numbers of weights that went.</returns>
    public (Tensor Saliencies, Tensor Sizes) Run(long? mostRemovals, Tensor order)
    {
        long steps = Math.Min(mostRemovals ?? long.MaxValue, units.shape[1]);
        Tensor saliencies = zeros([n, steps], ScalarType.Float64, matrices.device);
        Tensor sizes = zeros([n, steps], ScalarType.Int64, matrices.device);
        Tensor failed = zeros([], ScalarType.Bool, matrices.device);
        Tensor table = order.view(n, c);
        for (long step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor scores = Scores(failed);
            Tensor chosen = scores.argmin(1, keepdim: true);
            Tensor score = scores.gather(1, chosen);
            saliencies.narrow(1, step, 1).copy_(score);
            Tensor any = score.isfinite();
            Tensor members = Chosen(present, chosen).logical_and(any);
            sizes.narrow(1, step, 1).copy_(members.sum(1, keepdim: true));
            Remove(Chosen(places, chosen), members, failed);
            Mark(table, Chosen(places, chosen), members, step);
            TakeFromAlive(chosen, any);
            if (pendingRows >= MostPending)
            {
                Settle();
            }
        }

        InverseCurvatures.ThrowIfFailed(failed);
        weights.masked_fill_(table.ge(0), 0);
        return (saliencies, sizes);
    }

    /// <summary>What each unit would cost now, +∞ for those that are gone or must stay, [n, units].</summary>
    private Tensor Scores(Tensor failed)
    {
        Tensor members = PerUnit(weights).masked_fill(present.logical_not(), 0);
        Tensor cost;
        if (size == 1)
        {
            cost = members.squeeze(2).square() / unitMatrices.flatten(1).clamp_min(InverseCurvatures.LeastDiagonal) / 2;
        }
        else
        {
            // Units that are gone have matrices of rounding errors.
            Tensor identity = eye(size, dtype: ScalarType.Float64, device: matrices.device);
            (Tensor factor, Tensor info) = linalg.cholesky_ex(where(alive.unsqueeze(2).unsqueeze(3), unitMatrices, identity));
            failed.logical_or_(info.ne(0).any());
            cost = linalg.solve_triangular(factor, members.unsqueeze(3), upper: false).square().sum([2, 3]) / 2;
        }

        Tensor allowed = limits is { } l ? alive.logical_and(l.Budget.gather(1, l.GroupOf).gt(0)) : alive;
        return cost.masked_fill(allowed.logical_not(), double.PositiveInfinity);
    }

    /// <summary>With A the unit's matrix, A = LLᵀ and Z = L⁻¹·(its rows): w loses Zᵀ·L⁻¹w_Q, the inverse Zᵀ·Z.</summary>
    /// <param name="at">[n, size].</param>
    /// <param name="members">Bool, [n, size]: where the unit has a weight that goes.</param>
    /// <param name="failed">Set where A has no factor.</param>
    private void Remove(Tensor at, Tensor members, Tensor failed)
    {
        Tensor there = members.to(ScalarType.Float64);
        Tensor rows = matrices.gather(1, at.unsqueeze(2).expand(n, size, c));
        if (pendingRows > 0)
        {
            Tensor before = pending.narrow(1, 0, pendingRows);
            Tensor columns = before.gather(2, at.unsqueeze(1).expand(n, pendingRows, size));
            rows = rows - columns.transpose(1, 2).bmm(before);
        }

        rows = rows * there.unsqueeze(2);
        Tensor own = (rows.gather(2, at.unsqueeze(1).expand(n, size, size)) * there.unsqueeze(1)) + diag_embed(1 - there);
        (Tensor factor, Tensor info) = linalg.cholesky_ex(own);
        failed.logical_or_(info.ne(0).any());
        Tensor update = linalg.solve_triangular(factor, rows, upper: false);
        Tensor values = (weights.gather(1, at) * there).unsqueeze(2);
        Tensor steps = linalg.solve_triangular(factor, values, upper: false);
        weights.sub_(update.transpose(1, 2).bmm(steps).squeeze(2));
        TakeFromUnits(update);
        pending.narrow(1, pendingRows, size).copy_(update);
        pendingRows += size;
    }

    private void TakeFromUnits(Tensor update)
    {
        if (size == 1)
        {
            unitMatrices.view(n, -1).sub_(update.squeeze(1).gather(1, places.squeeze(2)).square());
            return;
        }

        Tensor index = places.flatten(1).unsqueeze(1).expand(n, size, places.shape[1] * size);
        Tensor byUnit = update.gather(2, index).view(n, size, -1, size).permute(0, 2, 3, 1) * present.to(ScalarType.Float64).unsqueeze(3);
        unitMatrices.sub_(byUnit.matmul(byUnit.transpose(2, 3)));
    }

    private void TakeFromAlive(Tensor chosen, Tensor any)
    {
        alive.scatter_(1, chosen, alive.gather(1, chosen).logical_and(any.logical_not()));
        if (limits is { } l)
        {
            Tensor group = l.GroupOf.gather(1, chosen);
            l.Budget.scatter_(1, group, l.Budget.gather(1, group) - any.to(ScalarType.Int64));
        }
    }

    /// <summary>Units at an edge repeat a place that is not theirs: it is marked with what it has already.</summary>
    private static void Mark(Tensor table, Tensor at, Tensor members, long step)
    {
        for (long i = 0; i < at.shape[1]; i++)
        {
            Tensor place = at.narrow(1, i, 1);
            table.scatter_(1, place, table.gather(1, place).masked_fill(members.narrow(1, i, 1), step));
        }
    }

    private void Settle()
    {
        Tensor rows = pending.narrow(1, 0, pendingRows);
        if (n == 1)
        {
            matrices[0].addmm_(rows[0].t(), rows[0], beta: 1, alpha: -1);
        }
        else
        {
            matrices.sub_(rows.transpose(1, 2).bmm(rows));
        }

        pendingRows = 0;
    }

    /// <summary>Values of the members of all units, [n, units, size].</summary>
    private Tensor PerUnit(Tensor values) => values.gather(1, places.flatten(1)).view(n, -1, size);

    /// <summary>The row of the chosen unit, [n, size].</summary>
    private Tensor Chosen(Tensor table, Tensor chosen) => table.gather(1, chosen.unsqueeze(2).expand(n, 1, size)).squeeze(1);

    /// <summary>[n, units, size, size], the identity's rows where there is no member.</summary>
    private Tensor UnitMatrices()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor entry = (places * c).unsqueeze(3) + places.unsqueeze(2);
        Tensor values = matrices.view(n, c * c).gather(1, entry.flatten(1)).view(n, -1, size, size);
        Tensor there = present.to(ScalarType.Float64);
        return ((values * there.unsqueeze(3) * there.unsqueeze(2)) + diag_embed(1 - there)).MoveToOuterDisposeScope();
    }
}
