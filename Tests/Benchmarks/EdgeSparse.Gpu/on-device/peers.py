"""The products of layers/ by cuSPARSE (a CSR matrix of fp32) and by cuBLAS (dense fp32, no tensor cores), through PyTorch: microseconds of a
product. Products are captured in a CUDA graph, which leaves PyTorch's own time out; where a library cannot be captured, they are launched one
after the other, which the line then says. Then MobileNetV1 and ResNet-50, dense, fp32, batch 1, batch normalisation folded, by cuDNN."""
import torch
from torch import nn

PRODUCTS = 20
REPLAYS = 20
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True
torch.set_grad_enabled(False)
torch.manual_seed(20151)


def elapsed(run, count):
    for _ in range(count // 2 + 1):
        run()
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    torch.cuda.synchronize()
    first.record()
    for _ in range(count):
        run()
    last.record()
    last.synchronize()
    return first.elapsed_time(last) * 1000 / count


def microseconds(run, together=PRODUCTS):
    for _ in range(3):
        run()
    torch.cuda.synchronize()
    try:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(together):
                run()
        return f"{elapsed(graph.replay, REPLAYS) / together:.2f}"
    except RuntimeError:
        torch.cuda.synchronize()
        return f"{elapsed(run, together * REPLAYS):.2f} (not captured)"


def conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)


class Bottleneck(nn.Module):
    def __init__(self, inputs, middle, stride):
        super().__init__()
        self.inner = nn.Sequential(
            conv(inputs, middle), nn.ReLU(True), conv(middle, middle, 3, stride), nn.ReLU(True), conv(middle, 4 * middle))
        self.shortcut = nn.Identity() if inputs == 4 * middle and stride == 1 else conv(inputs, 4 * middle, 1, stride)

    def forward(self, x):
        return torch.relu_(self.inner(x).add_(self.shortcut(x)))


def resnet50():
    layers, inputs = [conv(3, 64, 7, 2), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)], 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, 64 << stage, 2 if block == 0 and stage > 0 else 1))
            inputs = 256 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def mobilenet_v1():
    layers, inputs = [conv(3, 32, 3, 2), nn.ReLU(True)], 32
    for outputs, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)):
        layers += [conv(inputs, inputs, 3, stride, inputs), nn.ReLU(True), conv(inputs, outputs), nn.ReLU(True)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))


print(f"== PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name(0)}: \u00b5s (rows x columns x pixels - sparsity)")
for size, pixels in ((512, 196), (2048, 128), (4096, 256)):
    x = torch.randn(size, pixels, device="cuda")
    dense = torch.randn(size, size, device="cuda")
    y = torch.empty(size, pixels, device="cuda")
    print(f"cublas {size}x{size}x{pixels} {microseconds(lambda: torch.mm(dense, x, out=y))}", flush=True)
    for percent in (80, 90, 95):
        # As many weights as the packer keeps, at random places.
        kept = round(size * size * (1 - percent / 100))
        mask = torch.zeros(size * size, device="cuda")
        mask[torch.randperm(size * size, device="cuda")[:kept]] = 1
        csr = (dense * mask.view(size, size)).to_sparse_csr()
        print(f"cusparse {size}x{size}x{pixels}-{percent} {microseconds(lambda: torch.mm(csr, x))}", flush=True)

for name, network in (("mobilenet-v1", mobilenet_v1()), ("resnet-50", resnet50())):
    image = torch.randn(1, 3, 224, 224, device="cuda")
    network = network.cuda().eval()
    print(f"cudnn {name} {microseconds(lambda: network(image), 1)}", flush=True)
