# An image with bakeoff and everything it needs, at the versions of constraints.txt.
#   CPU:   docker build -t bakeoff .
#   CUDA:  docker build -t bakeoff:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128 .
#   Run:   docker run --rm -v "$PWD:/work" bakeoff run params/shop.yaml        (with --gpus all on a GPU)
ARG PYTHON=3.11.13
FROM python:${PYTHON}-slim-bookworm

ARG TORCH=2.13.0
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG EXTRAS=train,ray,s3

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 TOKENIZERS_PARALLELISM=false

# torch by itself: it is by far the largest, and changes the least.
RUN pip install "torch==${TORCH}" --index-url "${TORCH_INDEX}"

WORKDIR /opt/bakeoff
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY lib lib
COPY notebooks notebooks
COPY params params
RUN pip install --constraint constraints.txt ".[${EXTRAS}]"

# Results belong to whoever mounts the workspace, not to root.
RUN useradd --create-home --uid 1000 bakeoff
USER bakeoff
WORKDIR /work
ENTRYPOINT ["bakeoff"]
CMD ["--help"]
