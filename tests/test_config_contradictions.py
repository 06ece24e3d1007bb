"""Valid settings that work against each other are said in plain figures."""

from __future__ import annotations

from decimal import Decimal

from ninefifteen.config.contradictions import notes
from ninefifteen.domain.settings import Emergency, NineFifteen, Risk, Settings, Trading


def test_the_users_own_limits_tighten_the_stop_nearly_every_day_and_it_says_so():
    (text,) = notes(Settings())
    # 30 % of Rs 15,000 is 4,500; 2,000 of 15,000 is 13.3 %; 2,000 is 10 % of 20,000.
    assert "Rs 4,500 to 7,500" in text
    assert "risk.max_daily_loss is Rs 2,000" in text
    assert "13.3 % below the entry at Rs 15,000 and 8.0 % at Rs 25,000" in text
    assert "positions above about Rs 20,000 are refused (risk_too_large)" in text
    assert "max_trades: 2 then acts as 1" in text
    assert "a higher limit, cheaper lots, or few trades" in text


def test_a_limit_that_holds_the_whole_stop_needs_no_word():
    assert notes(Settings(risk=Risk(max_daily_loss=Decimal(7500)))) == []


def test_a_limit_between_tightens_only_the_dear_positions_and_refuses_none():
    (text,) = notes(Settings(risk=Risk(max_daily_loss=Decimal(5000), max_trades=1)))
    assert "30.0 % below the entry at Rs 15,000 and 20.0 % at Rs 25,000" in text
    assert "refused" not in text
    assert "acts as 1" not in text


def test_refusing_says_up_to_what_price_it_still_trades():
    (text,) = notes(Settings(risk=Risk(when_stop_exceeds_limit="refuse")))
    assert "refuse then trades only positions that cost less than about Rs 6,667" in text


def test_lots_that_no_money_covers_are_named():
    settings = Settings(
        trading=Trading(paper_capital=Decimal(40000)),
        strategy=NineFifteen(lots=4),
        risk=Risk(max_daily_loss=Decimal(1000000)),
    )
    limit, capital, *_ = notes(settings)
    assert "strategy.lots 4 of a typical lot cost Rs 60,000 to 1,00,000, more than" in limit
    assert "risk.max_position_value Rs 50,000" in limit
    assert "trading.paper_capital Rs 40,000" in capital


def test_a_stop_nearer_than_noise_and_a_placeholder_number_are_named():
    settings = Settings(strategy=NineFifteen(stop_pct=Decimal(5)), emergency=Emergency(("+91XXXXXXXXXX",)))
    near, placeholder = notes(settings)
    assert "every candidate will be refused" in near
    assert "+91XXXXXXXXXX is a placeholder" in placeholder


def test_what_this_version_cannot_do_is_named():
    settings = Settings(
        trading=Trading(wiring="live", broker="upstox"), risk=Risk(max_daily_loss=Decimal(7500))
    )
    mode, broker = notes(settings)
    assert mode.startswith("trading.mode: live is possible in rehearsal homes only in this version")
    assert broker.startswith("trading.broker: upstox does not exist yet: this version has zerodha only")
