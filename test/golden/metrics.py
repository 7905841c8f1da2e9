"""Golden values for test/unit/metrics: NLTK (BLEU, METEOR without synonyms, Porter stems), sacreBLEU and scikit-image.

Run: pip install numpy nltk==3.10.4 sacrebleu==2.6.0 scikit-image==0.26.0; python test/golden/metrics.py > test/golden/metrics.json
"""
import json
import numpy as np
import nltk, sacrebleu, skimage
from nltk.stem.porter import PorterStemmer
from nltk.translate.bleu_score import sentence_bleu
from nltk.translate.meteor_score import single_meteor_score
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


class NoSynonyms:
    @staticmethod
    def synsets(_word):
        return []


PAIRS = [
    ("acute left frontal subdural haematoma with midline shift to the right", "there is an acute subdural haematoma over the left frontal lobe with shift of the midline to the right"),
    ("no intracranial haemorrhage mass or infarct", "no mass no infarct and no intracranial haemorrhage"),
    ("the ventricles are dilated in keeping with hydrocephalus", "dilated ventricles consistent with hydrocephalus"),
    ("small lacunar infarcts in the right thalamus and the thalamus", "a lacunar infarct in the thalamus on the right"),
    ("chronic ischaemic changes", "ischaemic change that is chronic"),
    ("on the mat sat the cat", "the cat sat on the mat"),
]
WORDS = """caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing fizzed
failing filing happy sky relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli analogousli vietnamization
predication operator feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative formalize electriciti electrical
hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologou
communism activate angulariti homologous effective bowdlerize probate rate cease controll roll haemorrhages haemorrhagic ventricles ventricular dilated
dilatation calcifications calcified thickening mucosal fractures fractured infarction infarcts oedematous shifting displaced displacement cerebellar
hemispheres opacified opacification enlarged enlarging generalised generalized dies died spied tied skies news innings proceed ability biology geology
apology partially fully hopefully enjoy enjoyment saying days keys employed""".split()


def image(seed, w, h):
    """Linear congruential noise over a ramp, reproduced in the test."""
    state, out = seed, np.zeros((h, w))
    for y in range(h):
        for x in range(w):
            state = (state * 1664525 + 1013904223) % 2**32
            out[y, x] = 0.5 * x / w + 0.3 * (y / h) ** 2 + 0.2 * state / 2**32
    return out


def main():
    stem = PorterStemmer()
    out = {"versions": {"nltk": nltk.__version__, "sacrebleu": sacrebleu.__version__, "skimage": skimage.__version__}}
    out["stems"] = {word: stem.stem(word) for word in WORDS}
    out["pairs"] = [
        {
            "hyp": hyp, "ref": ref,
            "meteor": single_meteor_score(ref.split(), hyp.split(), wordnet=NoSynonyms()),
            "bleu1": sentence_bleu([ref.split()], hyp.split(), weights=(1,)),
            "bleu2": sentence_bleu([ref.split()], hyp.split(), weights=(0.5, 0.5)),
            "sacre": sacrebleu.sentence_bleu(hyp, [ref]).score,
        }
        for hyp, ref in PAIRS
    ]
    hyps, refs = [p[0] for p in PAIRS], [p[1] for p in PAIRS]
    out["sacreCorpus"] = sacrebleu.corpus_bleu(hyps, [refs]).score
    out["sacreFloor"] = sacrebleu.corpus_bleu(hyps[2:5], [refs[2:5]], smooth_method="floor").score
    tok = sacrebleu.tokenizers.tokenizer_13a.Tokenizer13a()
    texts = ["SDH (left), 9.5 mm; 2-3 days old.", 'A "quoted" & odd: 1,000.5 x-ray/CT.', "10-year old; e.g. 5mm,3mm"]
    out["tok13a"] = [[text, tok(text).split()] for text in texts]
    a, b = image(1, 23, 17), image(2, 23, 17)
    kw = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    out["image"] = {
        "w": 23, "h": 17, "ssim": structural_similarity(a, b, data_range=1.0, **kw), "psnr": peak_signal_noise_ratio(a, b, data_range=1.0),
        "ssimShifted": structural_similarity(a, np.roll(a, 2, axis=1), data_range=1.0, **kw),
        "r2": float(1 - np.mean((a - b) ** 2) / np.var(b)),
    }
    print(json.dumps(out, indent=1))


main()
